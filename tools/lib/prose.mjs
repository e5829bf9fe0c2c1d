/**
 * Sentences of a Markdown text that begin with What, Who or Where and are no questions: clauses in the place of a subject,
 * which make a reader guess who acts. Headings, code and links are not looked at.
 */
export function sentencesToRewrite(markdown) {
  return paragraphsOf(markdown).flatMap((paragraph) =>
    sentencesOf(paragraph).filter((sentence) => CLAUSE.test(sentence) && !sentence.endsWith('?')),
  );
}

const CLAUSE = /^(What|Whatever|Who|Whoever|Whom|Whose|Where|Wherever)\b/;

/** Plain text: one paragraph, list item or table cell each. */
function paragraphsOf(markdown) {
  return markdown
    .replace(/^(`{3,}|~{3,}).*?^\1/gms, '')
    .replace(/<!--.*?-->/gs, '')
    .split(/\n\s*\n|\n(?=\s*(?:[-*+]|\d+\.) )|\n(?=\|)|\n(?=#)/)
    .filter((block) => !/^\s*#/.test(block))
    .flatMap((block) => (block.trimStart().startsWith('|') ? block.split(/(?<!\\)\|/) : [block]))
    .map((block) =>
      block
        .replace(/^\s*(?:[-*+]|\d+\.) /, '')
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replace(/\*\*|(?<!\w)_|_(?!\w)/g, '')
        .replace(/\s+/g, ' ')
        .trim(),
    );
}

const sentencesOf = (paragraph) => paragraph.split(/(?<=[.?!:;]) (?=[A-Z`])/);
