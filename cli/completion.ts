import { Argument, Command } from "commander";

/** A command's words: its commands below, its options. */
interface Words {
  /** `fenl table create`. */
  readonly path: string;
  readonly commands: readonly string[];
  readonly options: readonly string[];
}

function wordsOf(command: Command, path: string): Words[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command);
  const options = help.visibleOptions(command).flatMap(({ short, long }) => [short, long].filter((one) => one != null));
  const own = { path, commands: commands.map((one) => one.name()), options: options as string[] };
  return [own, ...command.commands.flatMap((one) => wordsOf(one, `${path} ${one.name()}`))];
}

function bashScript(words: readonly Words[]): string {
  const cases = words.map(
    ({ path, commands, options }) => `    "${path}") words="${[...commands, ...options].join(" ")}" ;;`,
  );
  return `# Completion of fenl for bash: source <(fenl completion bash)
_fenl() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="fenl" word words=""
  local known="${words.map(({ path }) => `|${path}|`).join("")}"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$known" in *"|$path $word|"*) path="$path $word" ;; esac
  done
  case "$path" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _fenl fenl
`;
}

function zshScript(words: readonly Words[]): string {
  const cases = words.map(
    ({ path, commands, options }) => `    "${path}") words=(${[...commands, ...options].join(" ")}) ;;`,
  );
  return `#compdef fenl
# Completion of fenl for zsh: source <(fenl completion zsh)
_fenl() {
  local path_so_far="fenl" word
  local -a words_known words
  words_known=(${words.map(({ path }) => `"${path}"`).join(" ")})
  for word in "\${(@)_fenl_line[2,CURRENT-1]}"; do
    (( \${words_known[(Ie)$path_so_far $word]} )) && path_so_far="$path_so_far $word"
  done
  case "$path_so_far" in
${cases.join("\n")}
  esac
  compadd -- $words
  _files
}
_fenl_entry() {
  local -a _fenl_line
  _fenl_line=("\${(@)words}")
  _fenl
}
compdef _fenl_entry fenl
`;
}

/** A text as fish reads it. */
function fishQuoted(text: string): string {
  return `'${text.replace(/[\\']/g, (character) => `\\${character}`)}'`;
}

function fishScript(words: readonly Words[]): string {
  const completions = words.flatMap(({ path, commands, options }) => {
    const here = `complete -c fenl -n ${fishQuoted(`test (_fenl_path) = ${fishQuoted(path)}`)}`;
    const flags = options.map((option) => {
      const name = option.replace(/^-+/, "");
      return `${here} ${option.startsWith("--") ? "-l" : "-s"} ${name}`;
    });
    return [...(commands.length === 0 ? [] : [`${here} -a ${fishQuoted(commands.join(" "))}`]), ...flags];
  });
  return `# Completion of fenl for fish: fenl completion fish | source
function _fenl_path
  set -l known ${words.map(({ path }) => fishQuoted(path)).join(" ")}
  set -l path fenl
  set -l words (commandline -opc)
  for word in $words[2..-1]
    if contains -- "$path $word" $known
      set path "$path $word"
    end
  end
  echo $path
end
${completions.join("\n")}
`;
}

/** `fenl completion SHELL`: a script that completes the command's words. */
export function completionCommand(): Command {
  return new Command("completion")
    .description("Print a script that completes fenl's commands and options in a shell.")
    .addArgument(new Argument("<shell>", "the shell").choices(["bash", "zsh", "fish"]))
    .addHelpText(
      "after",
      "\nExamples:\n  source <(fenl completion bash)\n  fenl completion zsh > ~/.zfunc/_fenl\n  fenl completion fish > ~/.config/fish/completions/fenl.fish",
    )
    .action((shell: string, _options: unknown, command: Command) => {
      const words = wordsOf(command.parent!, "fenl");
      const script = shell === "bash" ? bashScript : shell === "zsh" ? zshScript : fishScript;
      process.stdout.write(script(words));
    });
}
