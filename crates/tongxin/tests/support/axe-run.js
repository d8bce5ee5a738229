// Body of a function. arguments: a callback, which gets one line for each element at fault.
const done = arguments[arguments.length - 1];
// Colours are judged when they have arrived: a change of theme passes through paler ones.
const moving = document.getAnimations().filter(a => Number.isFinite(a.effect.getComputedTiming().endTime));
Promise.allSettled(moving.map(a => a.finished)).then(() => axe.run(document)).then(
  found => done(found.violations.flatMap(v => v.nodes.map(n =>
    `${v.id} (${n.impact}): ${v.help}: ${n.target.join(' ')}: ${n.html.slice(0, 160)}`
      + (n.any[0] ? ` [${n.any[0].message}]` : '')))),
  error => done([`axe-core failed: ${error}`]));
