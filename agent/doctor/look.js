// What a person and a program need to know of elements: called with the elements and what is asked.
// Open shadow roots are looked through; nothing is changed.
(elements, asked) => {
  const FIELD = 'input, textarea, select, [role=textbox], [role=searchbox], [role=combobox], [role=listbox], '
    + '[role=checkbox], [role=radio], [role=switch], [role=spinbutton]';
  const BUTTON = 'button, [role=button], a[href], [role=link], input[type=submit], input[type=button], input[type=image]';

  const tidy = (text) => (text || '').replace(/[\s\ue000-\uf8ff\u200b-\u200d\u2060\ufeff]+/gu, ' ').trim();
  const parts = (node) => {
    if (node.shadowRoot) return [...node.shadowRoot.childNodes];
    if (node.localName === 'slot' && node.assignedNodes().length) return node.assignedNodes();
    return [...node.childNodes];
  };
  function* below(node) {
    for (const child of parts(node)) {
      if (child.nodeType !== Node.ELEMENT_NODE) continue;
      yield child;
      yield* below(child);
    }
  }
  const above = (node) => node.assignedSlot || node.parentElement || (node.getRootNode() || {}).host || null;
  const shown = (node) => node.checkVisibility ? node.checkVisibility({visibilityProperty: true}) : node.getClientRects().length > 0;
  const text = (node) => node.nodeType === Node.TEXT_NODE ? node.data : parts(node).map(text).join(' ');
  const byIds = (node, ids) => ids.split(/\s+/).map((id) => node.getRootNode().getElementById(id)).filter(Boolean);

  const label = (node) => {
    if (node.getAttribute('aria-label')) return tidy(node.getAttribute('aria-label'));
    const by = node.getAttribute('aria-labelledby');
    if (by) return tidy(byIds(node, by).map(text).join(' '));
    if (node.labels && node.labels.length) return tidy(text(node.labels[0]));
    if (node.matches('input[type=submit], input[type=button]')) return tidy(node.value);
    if (node.matches('input, textarea, select')) return tidy(node.getAttribute('placeholder') || node.getAttribute('title'));
    return tidy(text(node)) || tidy(node.getAttribute('title'));
  };
  const role = (node) => node.getAttribute('role') || '';
  const kind = (node) => {
    if (node.localName === 'a' && node.hasAttribute('href')) return 'link';
    if (['button', 'input'].includes(node.localName)) return node.type;
    return '';
  };
  const colours = (node) => {
    const box = node.getBoundingClientRect();
    let at = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    while (at && at.shadowRoot) {
      const inner = at.shadowRoot.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      if (!inner || inner === at) break;
      at = inner;
    }
    for (let one = at; one; one = above(one)) {
      const {backgroundColor, color} = getComputedStyle(one);
      if (!/rgba\(.*, 0\)|transparent/.test(backgroundColor)) return `${color} on ${backgroundColor}`;
      if (one === node) break;
    }
    return getComputedStyle(node).color;
  };
  const outline = (node) => {
    const box = node.getBoundingClientRect();
    return {
      role: role(node), label: label(node), tag: node.localName, kind: kind(node), look: shown(node) ? colours(node) : '',
      box: [box.left, box.top, box.width, box.height],
    };
  };

  const address = (given) => {
    try { const {pathname} = new URL(given, location.href); return pathname; } catch { return ''; }
  };
  const option = (one) => [tidy(one.label || one.text), one.value];
  const field = (node) => ({
    label: label(node), kind: node.localName === 'input' ? `input ${node.type}` : role(node) || node.localName,
    name: node.getAttribute('name') || '', required: Boolean(node.required) || node.getAttribute('aria-required') === 'true',
    locked: Boolean(node.disabled || node.readOnly) || node.getAttribute('aria-disabled') === 'true',
    checked: Boolean(node.checked) || node.getAttribute('aria-checked') === 'true',
    max_length: node.maxLength > 0 ? node.maxLength : null,
    options: node.localName === 'select' ? [...node.options].filter((one) => one.value !== '').map(option) : [],
  });
  const button = (node) => ({
    label: label(node), tag: node.localName, kind: kind(node),
    sends_to: node.getAttribute('formaction') ? address(node.getAttribute('formaction')) : '',
  });
  const form = (root) => {
    const inside = [...below(root)];
    const holder = inside.find((one) => one.localName === 'form') || root.closest('form');
    const fields = inside.filter((one) => one.matches(FIELD) && one.type !== 'hidden' && !one.matches(BUTTON)
      && (shown(one) || one.type === 'file'));
    const buttons = inside.filter((one) => one.matches(BUTTON) && shown(one));
    const hidden = inside.filter((one) => one.matches('input[type=hidden]') && one.name).map((one) => one.name);
    return {
      sends_to: holder ? address(holder.getAttribute('action') || location.href) : '',
      method: holder ? holder.method : '', encoding: holder ? holder.enctype : '',
      hidden: [...new Set(hidden)].sort(), fields: fields.map(field), buttons: buttons.map(button),
    };
  };
  // A part that holds no other part, or whose own texts stand beside them.
  const leaves = (root) => [root, ...below(root)]
    .filter((one) => shown(one) && parts(one).some((part) => part.nodeType === Node.TEXT_NODE && tidy(part.data)))
    .map((one) => tidy(parts(one).filter((part) => part.nodeType === Node.TEXT_NODE).map((part) => part.data).join(' ')));

  return elements.map({outline, form, leaves}[asked]);
}
