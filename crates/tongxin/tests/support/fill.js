// Body of a function. arguments: a selector, a value. Sets the field, or empties and focuses it and answers "type".
const [css, value] = arguments;
const seen = e => e.offsetParent !== null || e.getClientRects().length > 0;
const all = [...document.querySelectorAll(css)];
const tell = e => ['input', 'change'].forEach(n => e.dispatchEvent(new Event(n, {bubbles: true})));
const boxes = all.filter(e => e.type === 'radio' || e.type === 'checkbox');
if (boxes.length > 0) {
  let box = boxes.find(e => e.value === value);
  let wanted = true;
  if (!box && boxes[0].type === 'checkbox' && (value === 'true' || value === 'false')) {
    box = boxes[0];
    wanted = value === 'true';
  }
  if (!box) return 'has no choice ' + value;
  box.scrollIntoView({block: 'center', behavior: 'instant'});
  if (box.checked !== wanted) box.click();
  return 'set';
}
const field = all.find(seen);
if (!field) return 'is not there';
field.scrollIntoView({block: 'center', behavior: 'instant'});
field.focus();
if (field.tagName === 'SELECT') {
  if (![...field.options].some(o => o.value === value)) return 'has no choice ' + value;
  field.value = value;
  tell(field);
  return 'set';
}
const typed = field.tagName === 'TEXTAREA'
  || ['text', 'password', 'search', 'email', 'tel', 'url', 'number'].includes(field.type);
// The driver types only what fits into 16 bits; long texts are set at once.
if (typed && value.length > 0 && value.length < 200 && !/[\ud800-\udfff\n\r\t]/.test(value)) {
  field.value = '';
  return 'type';
}
field.value = value;
tell(field);
return 'set';
