// One stop of the Tab key for many buttons; the arrow keys move among them.

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

const shown = (toolbar) => [...toolbar.querySelectorAll("button:not([hidden])")];

function stopAt(toolbar, button) {
  for (const other of toolbar.querySelectorAll("button")) other.tabIndex = other === button ? 0 : -1;
}

/** Make the arrow keys, Home and End move the focus within a toolbar. */
export function rove(toolbar) {
  toolbar.addEventListener("focusin", (event) => stopAt(toolbar, event.target));
  toolbar.addEventListener("keydown", (event) => {
    const buttons = shown(toolbar);
    const here = buttons.indexOf(event.target);
    const to = { Home: 0, End: buttons.length - 1 }[event.key] ?? here + STEPS[event.key];
    if (!buttons[to]) return;
    event.preventDefault();
    buttons[to].focus();
  });
  rove.settle(toolbar);
}

/** Give the toolbar a stop again when the one that it had may be hidden. */
rove.settle = (toolbar) => {
  const buttons = shown(toolbar);
  if (!buttons.some((button) => button.tabIndex === 0)) stopAt(toolbar, buttons[0]);
};
