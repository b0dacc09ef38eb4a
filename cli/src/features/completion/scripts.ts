// The completion scripts of the shells. They only pass the words to koncli and its response back.
import { COMPLETE } from '../../arguments/program-name.ts';

const BASH = `# bash completion for koncli: source <(koncli completion bash)
_koncli() {
  local words=() n=0 i word current prefix="" line response breaks="" program="\${1/#\\~/$HOME}"
  # An alias is not a program.
  type -P "$program" >/dev/null || program=koncli
  # Readline splits words at these characters.
  [[ $COMP_WORDBREAKS == *=* ]] && breaks+="="
  [[ $COMP_WORDBREAKS == *:* ]] && breaks+=":"
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if [[ -n $breaks && n -gt 0 ]] && [[ $word == [$breaks]* || \${words[n - 1]} == *[$breaks] ]]; then
      words[n - 1]+="$word"
    else
      words[n++]="$word"
    fi
  done
  current="\${words[n - 1]}"
  [[ -n $breaks ]] && prefix="\${current%"\${current##*[$breaks]}"}"
  response="$("$program" ${COMPLETE} "\${words[@]}" 2>/dev/null)"
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :0 ]]; then
      compopt -o default -o bashdefault 2>/dev/null
    elif [[ -n $line && $line != :* ]]; then
      line="\${line%%$'\\t'*}"
      COMPREPLY+=("$(printf %q "\${line#"$prefix"}")")
    fi
  done <<<"$response"
}
complete -F _koncli koncli kubectl-konductor
`;

const ZSH = `#compdef koncli kubectl-konductor
# zsh completion for koncli: source <(koncli completion zsh), after compinit;
# or saved as _koncli in a folder of $fpath.
_koncli() {
  local -a lines candidates
  local line
  lines=("\${(@f)$(\${~words[1]} ${COMPLETE} "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ "\${lines[-1]}" == ":0" ]]; then
    _files
    return
  fi
  for line in "\${(@)lines[1,-2]}"; do
    candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    [[ "$line" == *$'\\t'* ]] || candidates[-1]="\${line//:/\\\\:}"
  done
  _describe koncli candidates
}
if [[ "\${funcstack[1]}" == _koncli ]]; then
  _koncli "$@"
else
  compdef _koncli koncli kubectl-konductor
fi
`;

const FISH = `# fish completion for koncli: koncli completion fish | source
function __koncli_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    set -l current (commandline -ct)
    set -l response ($program ${COMPLETE} $words "$current" 2>/dev/null)
    if test "$response[-1]" = :0
        __fish_complete_path "$current"
    else
        set -e response[-1]
        string join \\n -- $response
    end
end
complete -c koncli -c kubectl-konductor -f -a '(__koncli_complete)'
`;

/** The scripts by the name of the shell. */
export const SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH } as const;
