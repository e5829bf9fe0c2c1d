/**
 * The comments of a TypeScript or JavaScript text, each as plain text with the line on which it begins, from 1. Lines of
 * `//` that follow each other are one comment. The text is searched without a parser: a line of a string that looks like
 * a comment counts as one.
 */
export function commentsOf(source) {
  return [...source.matchAll(COMMENT)].map((match) => ({
    line: source.slice(0, match.index).split('\n').length,
    text: textOf(match),
  }));
}

const BLOCK = /^[ \t]*\/\*\*?(?<block>[\s\S]*?)\*\//;
const LINES = /^[ \t]*\/\/.*(?:\n[ \t]*\/\/.*)*/;
const BEHIND_CODE = /(?<=[;,{}()\]] )\/\/ .*$/;
const COMMENT = new RegExp([BLOCK, LINES, BEHIND_CODE].map(({ source }) => source).join('|'), 'gm');

function textOf([comment, block]) {
  return (block === undefined ? comment.replace(/^[ \t]*\/\/ ?/gm, '') : block.replace(/^[ \t]*\* ?/gm, '')).trim();
}
