package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// Command names what the command line asks for.
type Command string

// The commands.
const (
	CommandServe         Command = "serve"
	CommandUserAdd       Command = "user add"
	CommandTokenCreate   Command = "token create"
	CommandAuditVerify   Command = "audit verify"
	CommandNext          Command = "next"
	CommandVersion       Command = "version"
	CommandBackup        Command = "backup"
	CommandRestore       Command = "restore"
	CommandImportCrontab Command = "import-crontab"
	CommandExport        Command = "export"
	CommandApply         Command = "apply"
	CommandHelp          Command = "help" // the help is printed already
)

// Invocation is one command with the options and its arguments.
type Invocation struct {
	Command       Command
	Server        Server
	User          UserAdd
	Token         TokenCreate
	Audit         AuditVerify
	Next          Next
	Backup        Backup
	Restore       Restore
	ImportCrontab ImportCrontab
	Export        Export
	Apply         Apply
}

// Parse reads the command line, the environment and the config file, in this order of
// weight. Help goes to stdout. The error is worded for people; an [Error] holds all
// faults of the options' values at once.
func Parse(args []string, stdout io.Writer) (Invocation, error) {
	var o options
	parser, err := newParser(&o, stdout)
	if err != nil {
		return Invocation{}, err
	}
	ctx, err := parser.Parse(args)
	if errors.Is(err, errHelp) {
		return Invocation{Command: CommandHelp}, nil
	}
	if err != nil {
		return Invocation{}, err
	}
	name, _, _ := strings.Cut(ctx.Command(), " <") // without the names of arguments
	in := Invocation{
		Command: Command(name), User: o.User.Add, Token: o.Token.Create,
		Audit: o.Audit.Verify,
		Next:  o.Next, Backup: o.Backup, Restore: o.Restore, ImportCrontab: o.ImportCrontab, Export: o.Export, Apply: o.Apply,
	}
	if in.Server, err = o.server(); err != nil {
		return Invocation{}, err
	}
	return in, nil
}

func newParser(o *options, stdout io.Writer) (*kong.Kong, error) {
	parser, err := kong.New(o,
		kong.Name("carillon"),
		kong.Description("Carillon schedules background jobs, runs them, and shows them in a browser. "+
			"Without a command it serves; “carillon serve --help” shows the options of that."),
		kong.Writers(stdout, io.Discard),
		kong.NoDefaultHelp(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.TypeMapper(reflect.TypeFor[time.Duration](), kong.MapperFunc(decodeDuration)),
	)
	if err != nil {
		return nil, fmt.Errorf("build command line: %w", err)
	}
	return parser, nil
}

// BeforeResolve makes the config file, if one is named, a source of options.
func (o *options) BeforeResolve(ctx *kong.Context) error {
	name := o.Config
	for _, p := range ctx.Path {
		if p.Flag != nil && p.Flag.Name == "config" {
			name, _ = ctx.FlagValue(p.Flag).(string)
		}
	}
	if name == "" {
		return nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("the config file cannot be read: %w", err)
	}
	source, err := parseFile(text)
	if err != nil {
		return fmt.Errorf("the config file %s is not right: %w", name, err)
	}
	if err := source.Validate(ctx.Model); err != nil {
		return fmt.Errorf("the config file %s is not right: %w", name, err)
	}
	ctx.AddResolver(source)
	return nil
}

// errHelp stops parsing after help was printed.
var errHelp = errors.New("help was printed")

// helpFlag is --help. Kong's own one ends the process, which only main may do.
type helpFlag bool

// BeforeReset prints the help before anything is asked for. Without a command it is that
// of the whole program, where kong would show that of the default command.
func (helpFlag) BeforeReset(ctx *kong.Context) error {
	if ctx.Command() == string(CommandServe) && !slices.Contains(ctx.Args, string(CommandServe)) {
		ctx.Path = ctx.Path[:1]
	}
	if err := ctx.PrintUsage(false); err != nil {
		return err
	}
	return errHelp
}
