package job

// KindSpec describes a kind of work as data, so that forms, the JSON interface and
// validation render from it. Texts are i18n messages by convention, with the kind's
// name in lower case: "kind.shell.name", "kind.shell.summary",
// "kind.shell.param.command.label", "kind.shell.param.command.help",
// "kind.shell.param.interpreter.option.bash".
type KindSpec struct {
	Name   string // as stored and on the wire: "Shell", "HttpRequest"; matched without case
	Icon   string // an icon of the sprite
	Params []Param
}

// ParamType is the type of a parameter.
type ParamType string

// The parameter types and the JSON they hold.
const (
	ParamText    ParamType = "text"    // string, one line
	ParamArea    ParamType = "area"    // string, several lines
	ParamCode    ParamType = "code"    // string, several lines, monospace; Language names the syntax
	ParamNumber  ParamType = "number"  // number, whole, within Min and Max
	ParamBoolean ParamType = "boolean" // true or false
	ParamChoice  ParamType = "choice"  // one of Options
	ParamMap     ParamType = "map"     // object of strings; the form has one "KEY=value" (or "Key: value") a line
	ParamJSON    ParamType = "json"    // any JSON value; the form has its text
	ParamURL     ParamType = "url"     // string, an absolute http or https URL
)

// Param is one typed parameter of a kind.
type Param struct {
	Name      string
	Type      ParamType
	Required  bool
	Default   any // of the type's JSON form; nil: none
	Options   []string
	Language  string
	Min, Max  int64 // bounds of a number; both 0: none
	MaxLength int   // bound of a text in bytes; 0: 64 KiB
	// Advanced parameters are folded away in the form.
	Advanced bool
	// Placeholder is an example shown in an empty field; not translated.
	Placeholder string
}
