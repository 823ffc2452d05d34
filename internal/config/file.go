package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// file is the content of a config file: values by option name. It is a kong.Resolver
// that weighs less than the environment.
type file map[string]any

// parseFile reads a JSON object. Keys may use _ for -.
func parseFile(text []byte) (file, error) {
	var raw map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&raw); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("there is something after the object")
	}
	f := file{}
	for key, value := range raw {
		name := strings.ReplaceAll(key, "_", "-")
		if _, twice := f[name]; twice {
			return nil, fmt.Errorf("%q is given twice", name)
		}
		f[name] = value
	}
	return f, nil
}

// Validate refuses keys that are no option, so that a slip of the pen does not pass silently.
func (f file) Validate(app *kong.Application) error {
	known := map[string]bool{}
	for _, flag := range serverFlags(app) {
		known[flag.Name] = flag.Name != "config"
	}
	for _, key := range slices.Sorted(maps.Keys(f)) {
		if !known[key] {
			return fmt.Errorf("%q is no option", key)
		}
	}
	return nil
}

// Resolve returns the file's value of a flag, nil if the environment has one.
func (f file) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Envs {
		if _, set := os.LookupEnv(name); set {
			return nil, nil
		}
	}
	return f[flag.Name], nil
}

// serverFlags returns the options of the server: those shared by all commands and those
// of serve, without --help.
func serverFlags(app *kong.Application) []*kong.Flag {
	flags := slices.Clone(app.Flags)
	for _, node := range app.Children {
		if node.Name == string(CommandServe) {
			flags = append(flags, node.Flags...)
		}
	}
	return slices.DeleteFunc(flags, func(f *kong.Flag) bool { return f.Name == "help" })
}

// Option describes one option of the server, for the documentation.
type Option struct {
	Flag    string // "--listen"
	Env     string // "CARILLON_LISTEN"
	Default string // "" if there is none
	Help    string
}

// Options lists the options of the server that people are meant to use.
func Options() ([]Option, error) {
	parser, err := newParser(&options{}, io.Discard)
	if err != nil {
		return nil, err
	}
	var all []Option
	for _, flag := range serverFlags(parser.Model) {
		if flag.Hidden {
			continue
		}
		all = append(all, Option{
			Flag: "--" + flag.Name, Env: strings.Join(flag.Envs, " "), Default: flag.Default, Help: flag.Help,
		})
	}
	return all, nil
}
