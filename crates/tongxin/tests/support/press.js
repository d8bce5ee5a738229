// Body of a function. arguments: an element. Answers whether pressing it leads to another page.
const [element] = arguments;
window.txPressed = true;
element.scrollIntoView({block: 'center', behavior: 'instant'});
const own = element.closest('[hx-get], [hx-post], [hx-put], [hx-patch], [hx-delete]');
const link = element.closest('a[href]');
if (own) return false;
if (link) return !link.target && !link.getAttribute('href').startsWith('#');
const button = element.closest('button, input');
const form = button && ['submit', 'image'].includes(button.type) ? button.form : null;
if (!form || form.target || form.closest('[hx-get], [hx-post]')) return false;
return form.noValidate || button.formNoValidate || form.checkValidity();
