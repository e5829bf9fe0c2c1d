/** Scripts that ask `drover completion --line` at each tab. */
export const SCRIPTS = {
  bash: `# drover completion for bash: source <(drover completion bash)
_drover() {
  local cur words=("\${COMP_WORDS[@]:1:COMP_CWORD-1}")
  cur=\${COMP_WORDS[COMP_CWORD]}
  # A word such as queue:ima is in pieces: COMP_WORDBREAKS has the colon.
  if [[ $COMP_LINE =~ ([^[:space:]]*)$ ]]; then local whole=\${BASH_REMATCH[1]}; fi
  local IFS=$'\\n'
  COMPREPLY=($(drover completion --line "\${whole:-}" "\${words[@]}" 2>/dev/null))
  if [[ \${whole:-} == *:* && $COMP_WORDBREAKS == *:* ]]; then COMPREPLY=("\${COMPREPLY[@]#"\${whole%"$cur"}"}"); fi
}
complete -o default -F _drover drover
`,
  zsh: `#compdef drover
# drover completion for zsh: source <(drover completion zsh)
_drover() {
  local -a found
  found=("\${(@f)$(drover completion --line "\${words[CURRENT]}" "\${(@)words[2,CURRENT-1]}" 2>/dev/null)}")
  compadd -Q -- $found
}
if [[ \${funcstack[1]} == _drover ]]; then _drover; else compdef _drover drover; fi
`,
  fish: `# drover completion for fish: drover completion fish | source
function __drover_complete
  set -l words (commandline -opc)
  drover completion --line (commandline -ct) $words[2..-1] 2>/dev/null
end
complete -c drover -f -a '(__drover_complete)'
`,
} as const;
export type Shell = keyof typeof SCRIPTS;
