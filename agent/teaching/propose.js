// What could identify an element that a person has pointed at: called with the element and what is asked of it.
// Everything proposed here is counted by the product's own targets before anybody is shown it. Nothing is changed.
(picked, asked) => {
  const CONTROL = 'button, a[href], input, select, textarea, summary, [role=button], [role=link], [role=menuitem], [role=tab], '
    + '[role=combobox], [role=textbox], [role=checkbox], [role=radio], [role=switch], [role=option]';
  const NAMED_BY_TEXT = ['button', 'link', 'heading', 'cell', 'columnheader', 'rowheader', 'option', 'menuitem', 'tab', 'checkbox',
    'radio', 'switch'];
  const PARTS = ['dialog', 'alertdialog', 'group', 'region', 'toolbar', 'table', 'form', 'navigation', 'main', 'list', 'tabpanel'];
  const ALONE = ['rowheader', 'heading', 'status', 'time', 'term'];  // roles that may be told apart without a name
  const INPUTS = {button: 'button', submit: 'button', image: 'button', reset: 'button', checkbox: 'checkbox', radio: 'radio',
    number: 'spinbutton', search: 'searchbox', text: 'textbox', email: 'textbox', tel: 'textbox', url: 'textbox', '': 'textbox'};
  const TAGS = {button: 'button', select: 'combobox', textarea: 'textbox', h1: 'heading', h2: 'heading', h3: 'heading', h4: 'heading',
    table: 'table', tr: 'row', td: 'cell', th: 'columnheader', dialog: 'dialog', nav: 'navigation', main: 'main', fieldset: 'group',
    ul: 'list', ol: 'list', li: 'listitem', dt: 'term', dd: 'definition', option: 'option', article: 'article'};
  const ORDER_ID = /(?<!\d)\d{15,20}(?!\d)/g;

  const tidy = (text) => (text || '').replace(/[\s\ue000-\uf8ff\u200b-\u200d\u2060\ufeff]+/gu, ' ').trim();
  const above = (node) => node.assignedSlot || node.parentElement || (node.getRootNode() || {}).host || null;
  const up = function* (node) { for (let one = node; one && one !== document.documentElement; one = above(one)) yield one; };
  const parts = (node) => {
    if (node.shadowRoot) return [...node.shadowRoot.childNodes];
    if (node.localName === 'slot' && node.assignedNodes().length) return node.assignedNodes();
    return [...node.childNodes];
  };
  const deep = (node) => node.nodeType === Node.TEXT_NODE ? node.data : parts(node).map(deep).join(' ');
  const shown = (node) => tidy(node.matches('input, textarea') ? node.value : node.shadowRoot ? deep(node) : node.innerText ?? deep(node));
  const byIds = (node, ids) => ids.split(/\s+/).map((id) => node.getRootNode().getElementById(id)).filter(Boolean);
  const role = (node) => {
    const given = (node.getAttribute('role') || '').split(' ')[0];
    if (given) return given;
    if (node.localName === 'a') return node.hasAttribute('href') ? 'link' : '';
    if (node.localName === 'input') return INPUTS[node.getAttribute('type') || ''] || '';
    if (node.localName === 'section' || node.localName === 'form') return name(node, '') ? {section: 'region', form: 'form'}[node.localName] : '';
    return TAGS[node.localName] || '';
  };
  const name = (node, of = role(node)) => {
    const by = node.getAttribute('aria-labelledby');
    if (by) return tidy(byIds(node, by).map(deep).join(' '));
    if (node.getAttribute('aria-label')) return tidy(node.getAttribute('aria-label'));
    if (node.labels && node.labels.length) return tidy(deep(node.labels[0]));
    if (node.localName === 'fieldset') return tidy(deep(node.querySelector(':scope > legend') || document.createTextNode('')));
    if (node.localName === 'table') return tidy(deep(node.querySelector(':scope > caption') || document.createTextNode('')));
    if (node.matches('input[type=submit], input[type=button]')) return tidy(node.value);
    if (NAMED_BY_TEXT.includes(of)) return tidy(node.innerText ?? deep(node)) || tidy(node.getAttribute('title'));
    return tidy(node.getAttribute('title'));
  };
  // A word that another order, or another day, would not show.
  const changing = (text) => /\d{3,}|\d[.,:/-]\d/.test(text);
  const usable = (text) => text && text.length <= 80 && !changing(text);
  const ids = (node) => [...new Set(deep(node).match(ORDER_ID) || [])];

  // --- CSS, which comes last
  const steady = (word) => /^[A-Za-z][\w-]{1,40}$/.test(word) && !/\d{2,}/.test(word) && !/^(active|show|hover|focus|open|selected)$/.test(word);
  const simple = (node) => {
    const tag = node.localName, found = [];
    if (node.id && steady(node.id)) found.push(`#${CSS.escape(node.id)}`);
    const classes = [...node.classList].filter(steady);
    for (const one of classes) found.push(`${tag}.${CSS.escape(one)}`);
    for (const of of ['name', 'type']) if (node.getAttribute(of) && steady(node.getAttribute(of))) found.push(`${tag}[${of}=${node.getAttribute(of)}]`);
    for (const {name: of} of node.attributes) if (of.startsWith('data-') && steady(of) && !/select2/.test(of)) found.push(`${tag}[${of}]`);
    return found;
  };
  const place = (node) => {
    const parent = node.parentElement;
    const alike = parent ? [...parent.children].filter((one) => one.localName === node.localName) : [node];
    if (alike.length === 1) return node.localName;
    return `${node.localName}:nth-child(${[...parent.children].indexOf(node) + 1})`;
  };
  const css = (node, within) => {
    const root = within.contains(node) ? within : node.getRootNode();  // it stands in a shadow root of what holds it
    const all = [], own = simple(node), steps = [place(node)];
    const only = (one) => { try { return root.querySelectorAll(one).length === 1 && root.querySelector(one) === node; } catch { return false; } };
    const add = (one) => { if (!all.includes(one) && only(one)) all.push(one); };
    own.forEach(add);
    for (let at = node.parentElement; at && at !== root && all.length < 6 && steps.length < 7; at = at.parentElement) {
      for (const outer of simple(at)) {
        for (const inner of own) add(`${outer} ${inner}`);
        add(`${outer} ${node.localName}`);
        add(`${outer} > ${steps.join(' > ')}`);
      }
      steps.unshift(place(at));
    }
    if (node.getRootNode() === root || root.nodeType === Node.ELEMENT_NODE) add(steps.join(' > '));
    return all.slice(0, 6);
  };
  const WHY = asked.why || 'it has no name';
  const asCss = (selector) => ({css: selector, why: WHY});

  // --- targets of one element
  const outer = (node) => {
    for (const one of up(above(node))) {
      const of = role(one), called = name(one);
      if (PARTS.includes(of) && usable(called)) return {role: of, name: called};
    }
    return null;
  };
  const testId = (node) => node.getAttribute('data-testid');
  const beside = (node) => {
    const before = node.previousElementSibling;
    const label = before ? tidy(deep(before)).replace(/[:：]$/, '').trim() : '';
    const cellOfMany = node.localName === 'td' && node.parentElement && node.parentElement.children.length > 2;
    return usable(label) && !cellOfMany && label.length <= 30 && !before.matches('input, select, textarea') ? {beside: label} : null;
  };
  const called = (node) => {
    const found = [], of = role(node), is = name(node, of);
    if (of && usable(is)) found.push({role: of, name: is});
    if (node.labels && node.labels.length && usable(tidy(deep(node.labels[0])))) found.push({label: tidy(deep(node.labels[0]))});
    if (usable(node.getAttribute('placeholder') || '')) found.push({placeholder: node.getAttribute('placeholder')});
    return found;
  };
  const tested = (node) => testId(node) ? [{test_id: testId(node)}] : [];
  const within = (found, node) => {
    const part = outer(node);
    return part ? [...found, ...found.map((one) => ({...one, within: part}))] : found;
  };
  const root = asked.row || picked.getRootNode();
  const same = [...up(picked)].filter((one, at) => at === 0 || shown(one) === shown(picked)).slice(0, 3);
  const control = () => {
    const label = picked.closest('label');
    const at = [...up(picked)].find((one) => one.matches(CONTROL)) || (label && label.control) || picked;
    const replaced = [...up(picked)].slice(0, 6).map((one) => one.previousElementSibling).find((one) => one && one.localName === 'select');
    const taken = at.matches('select') || !replaced ? at : replaced;  // a script shows something else in its place
    return taken.localName === 'option' ? taken.closest('select') : taken;
  };
  const targets = {
    control: (node) => [...within(called(node), node), ...tested(node), ...css(node, root).map(asCss)],
    value: () => same.flatMap((one) => [...(ALONE.includes(role(one)) ? [{role: role(one)}] : []), ...tested(one), ...(beside(one) ? within([beside(one)], one) : []), ...css(one, root).map(asCss)]),
    sign: () => same.flatMap((one) => [...called(one), ...tested(one)]).concat(
      usable(shown(picked)) ? [{text: shown(picked)}] : [], css(picked, root).map(asCss)),
    part: (node) => [...called(node).filter((one) => one.role), ...tested(node), ...css(node, root).map(asCss)],
  };

  // --- parts that hold other parts
  const row = () => {
    const line = picked.closest('tr, [role=row]');
    if (line && ids(line).length) return line;
    const chain = [...up(picked)];
    const at = chain.findIndex((one) => ids(one).length === 1 && above(one) && ids(above(one)).length > 1);
    return at >= 0 ? chain[at] : picked.closest('tr, li, article, [role=row], [role=listitem]');
  };
  const rows = (node) => {
    const like = [...(node.parentElement || node.getRootNode()).children].filter((one) => one.localName === node.localName && ids(one).length);
    const found = simple(node).filter((one) => !one.startsWith('#'));
    for (const holder of up(above(node))) for (const of of simple(holder)) {
      if (node.parentElement) found.push(`${of} ${node.parentElement.localName} > ${node.localName}`);
      found.push(`${of} ${node.localName}`);
    }
    const covers = found.filter((one) => like.every((each) => each.matches(one)));
    return {count: like.length, role: role(node), css: covers.slice(0, 6)};
  };
  const holder = (inner) => {
    const dialog = [...up(inner)].find((one) => ['dialog', 'alertdialog'].includes(role(one)));
    const shows = (one) => deep(one).includes(asked.order) || [...one.querySelectorAll('input')].some((each) => each.value === asked.order);
    return dialog || [...up(inner)].find(shows) || document.body;
  };
  const table = () => {
    const at = [...up(picked)].find((one) => ['table', 'grid'].includes(role(one)));
    if (!at) return null;
    const line = picked.closest('tr, [role=row]');
    const cells = line ? [...line.children].length : 0;
    const heads = [...at.querySelectorAll('th, [role=columnheader]')].filter((one) => one.closest('tr, [role=row]') !== line);
    const first = heads.length ? heads[0].closest('tr, [role=row]') : null;
    const own = heads.filter((one) => one.closest('tr, [role=row]') === first);
    const headings = own.map((one) => tidy(deep(one)));
    const telling = headings.filter(usable);
    const box = line && line.querySelector('input[name]');
    return {
      name: usable(name(at)) ? name(at) : '', headings, telling, cells, css: css(at, root), heads: heads.length,
      box: box && steady(box.name) ? box.name : '', head: first && first.closest('thead') ? 'thead' : 'tr:first-child',
    };
  };
  const choices = (node) => node.localName !== 'select' ? null
    : [...node.options].filter((one) => one.value !== '').map((one) => [tidy(one.label || one.text), one.value]);
  const about = (node) => ({
    role: role(node), name: name(node), tag: node.localName, type: node.getAttribute('type') || '', key: node.getAttribute('name') || '',
    text: shown(node), options: choices(node), longest: node.maxLength > 0 ? node.maxLength : null, href: node.href || '',
    id: node.id && steady(node.id) ? node.id : '', hidden: node.matches('[aria-hidden=true]'),
  });
  const steps = {
    control: () => { const node = control(); return {node, targets: targets.control(node), about: about(node)}; },
    value: () => ({node: picked, targets: targets.value(), about: about(picked)}),
    sign: () => ({node: picked, targets: targets.sign(), about: about(picked)}),
    part: () => ({node: picked, targets: targets.part(picked), about: about(picked)}),
    row: () => { const node = row(); return node && {node, targets: [], about: about(node), rows: rows(node)}; },
    bar: () => {
      const node = control(), around = [...up(above(node))].filter((one) => one !== document.body).slice(0, 14);
      const named = around.flatMap((one) => PARTS.includes(role(one)) ? called(one).filter((each) => each.role) : []);
      return {node, about: about(node), targets: [...named, ...around.flatMap((one) => css(one, root).slice(0, 1)).map(asCss)]};
    },
    holder: () => { const node = holder(control()); return {node, targets: targets.part(node), about: about(node)}; },
    table: () => ({node: picked, targets: [], about: about(picked), table: table()}),
    form: () => {
      const sent = picked.closest('form');
      return {node: picked, targets: [], about: about(picked), form: sent && {
        action: new URL(sent.getAttribute('action') || location.href, location.href).pathname, method: sent.method.toUpperCase(),
        names: [...sent.elements].map((one) => one.name).filter(Boolean),
        fixed: Object.fromEntries([...sent.querySelectorAll('input[type=hidden][name]')].map((one) => [one.name, one.value]))}};
    },
  };
  return steps[asked.what]();
}
