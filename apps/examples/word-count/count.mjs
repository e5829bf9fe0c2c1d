/** How often each word is there. Words are what stands between white space; their bytes are kept as they are. */
export async function countWords(chunks) {
  const counts = new Map();
  let rest = '';
  for await (const chunk of chunks) {
    const text = chunk.latin1Slice();
    // A word may go on in the next chunk.
    const cut = lastSpace(text) + 1;
    if (cut > 0) {
      addWords(counts, rest + text.slice(0, cut));
      rest = '';
    }
    rest += text.slice(cut);
  }
  addWords(counts, rest);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}

function lastSpace(text) {
  let at = text.length - 1;
  while (at >= 0 && !isSpace(text.charCodeAt(at))) at--;
  return at;
}

function addWords(counts, text) {
  for (let at = 0; at < text.length;) {
    while (at < text.length && isSpace(text.charCodeAt(at))) at++;
    const begin = at;
    while (at < text.length && !isSpace(text.charCodeAt(at))) at++;
    if (at === begin) continue;
    const word = text.slice(begin, at);
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
}

/** Blank, tab, newline, vertical tab, form feed, carriage return: as `[:space:]` of `tr`. */
const isSpace = (code) => code === 32 || (code >= 9 && code <= 13);
