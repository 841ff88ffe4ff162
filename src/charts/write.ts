/** Direct writes to elements that touch the document only when something differs. */

export function write(element: Element, attribute: string, value: string): void {
  if (element.getAttribute(attribute) !== value) element.setAttribute(attribute, value);
}

export function writeText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
