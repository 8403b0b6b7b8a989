package compose

import "regexp"

// form is one form of compose-go's errors, of which nothing but the words can be
// told apart. Its other fields are templates over the groups of the words.
type form struct {
	words  *regexp.Regexp
	path   string // of the key to blame
	near   string // a value or key below it that is nearer
	whole  bool   // a file as such is to blame
	text   string
	advice string
}

// forms are tried in their order. They are those that people meet; any other
// error is shown in its own words.
var forms = []form{
	{
		words:  regexp.MustCompile(`^services additional properties '(.*?)'(?:, '.*')? not allowed$`),
		path:   `services`,
		near:   `$1`,
		text:   `"$1" cannot be the name of a service`,
		advice: `Use letters, digits, dots, dashes and underscores.`,
	},
	{
		words:  regexp.MustCompile(`^(\S*) additional properties '(.*?)'(?:, '.*')? not allowed$`),
		path:   `$1.$2`,
		text:   `$1: unknown key "$2"`,
		advice: `Check its spelling and its indentation. Keys of your own start with x-.`,
	},
	{
		words:  regexp.MustCompile(`^(\S*?)\.([^.\s]+) false schema$`),
		path:   `$1.$2`,
		text:   `$1: unknown key "$2"`,
		advice: `Check its spelling and its indentation. Keys of your own start with x-.`,
	},
	{
		words:  regexp.MustCompile(`^(\S+) must be a (?:array|list)$`),
		path:   `$1`,
		text:   `$1 must be a list`,
		advice: `Start each entry in a line of its own, with a dash.`,
	},
	{
		words:  regexp.MustCompile(`^(\S+) must be a (.+)$`),
		path:   `$1`,
		text:   `$1 must be a $2`,
		advice: `Check the indentation of what belongs below it.`,
	},
	{
		words:  regexp.MustCompile(`^(\S+) value must be one of (.+)$`),
		path:   `$1`,
		text:   `$1 must be one of $2`,
		advice: `Use one of these values.`,
	},
	{
		words:  regexp.MustCompile(`^top-level object must be a mapping$`),
		whole:  true,
		text:   `this is no Compose file: it has no keys at its top level`,
		advice: `Name a file that has "services:".`,
	},
	{
		words:  regexp.MustCompile(`^empty compose file$`),
		whole:  true,
		text:   `this Compose file is empty`,
		advice: `Declare a service in it, below "services:".`,
	},
	{
		words:  regexp.MustCompile(`^no service declared$`),
		whole:  true,
		text:   `this project declares no service`,
		advice: `Declare one below "services:".`,
	},
	{
		words:  regexp.MustCompile(`(?s)^error while interpolating (\S+): (required variable (\S+) is missing a value.*)$`),
		path:   `$1`,
		text:   `$2`,
		advice: `Set $3 in the environment, in .env, or in a file given with --env-file.`,
	},
	{
		words:  regexp.MustCompile(`(?s)^(?:error while interpolating )?(required variable (\S+) is missing a value.*)$`),
		near:   `$2`,
		text:   `$1`,
		advice: `Set $2 in the environment, in .env, or in a file given with --env-file.`,
	},
	{
		words:  regexp.MustCompile(`^error while interpolating (\S+): failed to cast to expected type: (?:strconv\.\w+: )?(.*)$`),
		path:   `$1`,
		text:   `$1: $2`,
		advice: `Check the value, and the variables in it.`,
	},
	{
		words:  regexp.MustCompile(`(?s)^invalid interpolation format for (\S+)\.\n.*\n(.*)$`),
		path:   `$1`,
		text:   `$1: "$2" is no valid use of a variable`,
		advice: `Close the brace, or write $$$$ for a dollar sign.`,
	},
	{
		words:  regexp.MustCompile(`(?s)^(?:decoding failed due to the following error\(s\):\s+)?'(\S+?)' (.*)$`),
		path:   `$1`,
		text:   `$1: $2`,
		advice: `Correct the value.`,
	},
	{
		words:  regexp.MustCompile(`^service "(.+)" has neither an image nor a build context specified`),
		path:   `services.$1`,
		text:   `service "$1" has neither an image nor a build`,
		advice: `Say which image it runs, with "image:" or "build:".`,
	},
	{
		words:  regexp.MustCompile(`^service "(.+)" refers to undefined (?:build )?(volume|network|secret|config|model) (.+?)(?:: invalid compose project)?$`),
		path:   `services.$1.${2}s`,
		near:   `$3`,
		text:   `service "$1" uses the $2 "$3", which is not declared`,
		advice: `Declare it below "${2}s:" at the top level, or correct its name.`,
	},
	{
		words:  regexp.MustCompile(`^service "(.+)" (?:depends on (?:undefined|unknown) service|is required by) "(.+?)"(?:: invalid compose project)?$`),
		path:   `services.$1.depends_on`,
		near:   `$2`,
		text:   `service "$1" depends on "$2", which is not declared or not active`,
		advice: `Declare that service, activate its profile with --profile, or correct its name.`,
	},
	{
		words:  regexp.MustCompile(`^service "(.+?)" is required by "(.+?)" but is disabled.*$`),
		path:   `services.$2.depends_on`,
		near:   `$1`,
		text:   `service "$2" depends on "$1", which no active profile selects`,
		advice: `Activate its profile with --profile.`,
	},
	{
		words:  regexp.MustCompile(`^dependency cycle detected: ((\S+) -> .*)$`),
		path:   `services.$2.depends_on`,
		text:   `services depend on each other in a circle: $1`,
		advice: `Remove one of these dependencies.`,
	},
	{
		words:  regexp.MustCompile(`(?s)^Circular reference:\s+(\S+) in .*$`),
		path:   `services.$1.extends`,
		text:   `service "$1" extends itself in the end`,
		advice: `Break the circle of extends.`,
	},
	{
		words:  regexp.MustCompile(`(?s)^include cycle detected:.* include (.+)$`),
		near:   `include`,
		text:   `files include each other in a circle: $1 is read already`,
		advice: `Remove one of these includes.`,
	},
	{
		words:  regexp.MustCompile(`^cannot extend service "(.+?)" in .*?: service "(.+?)" not found(?: in (.+))?$`),
		path:   `services.$1.extends`,
		near:   `$2`,
		text:   `service "$1" extends "$2", which is not there`,
		advice: `Correct the name, or the file to look in.`,
	},
	{
		words:  regexp.MustCompile(`^cannot extend service "(.+?)" in .*?: (.*)$`),
		path:   `services.$1.extends`,
		text:   `service "$1" cannot be extended: $2`,
		advice: `Correct the file that it extends.`,
	},
	{
		words:  regexp.MustCompile(`^(services\.(.+)\.(?:volumes|tmpfs)\[\d+\]): target (\S+) already mounted as .*$`),
		path:   `$1`,
		text:   `service "$2" mounts two things at $3`,
		advice: `Keep one of the two.`,
	},
	{
		words:  regexp.MustCompile(`^service volume (\S+) is missing a mount target$`),
		path:   `$1`,
		text:   `$1 has no target`,
		advice: `Say where in the container it belongs, with "target:".`,
	},
	{
		words:  regexp.MustCompile(`^(?i)(invalid (?:hostPort|containerPort|proto|IP|range).*?: (.+))$`),
		near:   `$2`,
		text:   `$1`,
		advice: `Write a port as HOST:CONTAINER, as in "8080:80".`,
	},
	{
		words:  regexp.MustCompile(`^non-string key in (\S+): (.+)$`),
		path:   `$1`,
		near:   `$2`,
		text:   `$1: the key $2 is no text`,
		advice: `Put it into quotes.`,
	},
	{
		words:  regexp.MustCompile(`^(invalid project name "(.*?)").*$`),
		text:   `$1`,
		advice: `Use lower-case letters, digits, dashes and underscores; a letter or a digit comes first.`,
	},
	{
		words:  regexp.MustCompile(`^project name must not be empty$`),
		text:   `the project has no name`,
		advice: `Name it with -p, COMPOSE_PROJECT_NAME, or "name:" in the file.`,
	},
	{
		words:  regexp.MustCompile(`^couldn't (?:find|read) env file: (.*)$`),
		text:   `env file $1 does not exist`,
		advice: `Create it, or correct --env-file or COMPOSE_ENV_FILES.`,
	},
}
