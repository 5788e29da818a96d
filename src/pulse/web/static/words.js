// What the scripts say, in the page's language: the server writes it onto the page as `data-say-…`.

const place = document.getElementById("words");

export function say(name, values = {}) {
  const text = place?.dataset[`say${name[0].toUpperCase()}${name.slice(1)}`] ?? "";
  return text.replace(/%\((\w+)\)s/g, (whole, key) => (key in values ? String(values[key]) : whole));
}
