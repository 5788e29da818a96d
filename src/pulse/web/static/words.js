// What the scripts say, in the page's language: the server writes it onto the page.

const place = document.getElementById("words");

export function say(name, values = {}) {
  const text = place?.dataset[name] ?? "";
  return text.replace(/%\((\w+)\)s/g, (whole, key) => (key in values ? String(values[key]) : whole));
}
