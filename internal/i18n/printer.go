package i18n

import (
	"context"
	"fmt"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
)

// Printer prints messages in one language. A nil Printer prints the ids.
type Printer struct {
	lang      string
	plain     map[string]string // texts without placeholders: most of a page
	known     map[string]bool
	plural    map[string]bool // those whose form depends on a count
	localizer *goi18n.Localizer
	fallback  *Printer
}

// Msg is a message id with its placeholders, to be put into words later. An ID that
// is in no catalog is shown as it is, so a plain sentence may stand in its place.
type Msg struct {
	ID   string
	Args map[string]any
}

// M makes a Msg from an id and pairs of placeholder and value.
func M(id string, kv ...any) Msg { return Msg{ID: id, Args: pairs(kv)} }

// IsZero reports whether there is nothing to say.
func (m Msg) IsZero() bool { return m.ID == "" }

type printerKey struct{}

// WithPrinter returns a context whose texts are printed by p.
func WithPrinter(ctx context.Context, p *Printer) context.Context {
	return context.WithValue(ctx, printerKey{}, p)
}

// From returns the context's printer; nil, which prints ids, if there is none.
func From(ctx context.Context) *Printer {
	p, _ := ctx.Value(printerKey{}).(*Printer)
	return p
}

// T prints message id with the given pairs of placeholder and value. The placeholder
// "count" chooses the plural form. A missing id is printed as it is.
func T(ctx context.Context, id string, kv ...any) string { return From(ctx).T(id, kv...) }

// Text prints m.
func Text(ctx context.Context, m Msg) string { return From(ctx).print(m.ID, m.Args) }

// Lang returns the language tag of the context's printer, [Default] if there is none.
func Lang(ctx context.Context) string { return From(ctx).Lang() }

// Lang returns the printer's language tag.
func (p *Printer) Lang() string {
	if p == nil {
		return Default
	}
	return p.lang
}

// Has reports whether the message exists in this language.
func (p *Printer) Has(id string) bool { return p != nil && p.known[id] }

// T prints message id with the given pairs of placeholder and value.
func (p *Printer) T(id string, kv ...any) string { return p.print(id, pairs(kv)) }

// Text prints m.
func (p *Printer) Text(m Msg) string { return p.print(m.ID, m.Args) }

func (p *Printer) print(id string, args map[string]any) string {
	if p == nil || id == "" {
		return id
	}
	if text, ok := p.plain[id]; ok {
		return text
	}
	if !p.known[id] {
		if p.fallback == nil || p.fallback == p {
			return id
		}
		return p.fallback.print(id, args)
	}
	config := goi18n.LocalizeConfig{MessageID: id, TemplateData: args}
	if p.plural[id] {
		config.PluralCount = pluralCount(args)
	}
	text, err := p.localizer.Localize(&config)
	if err != nil {
		return id
	}
	return text
}

// pluralCount is the count in a type that go-i18n takes; nil means no plural.
func pluralCount(args map[string]any) any {
	switch n := args["count"].(type) {
	case nil:
		return nil
	case int, int64, int32:
		return n
	default:
		return fmt.Sprint(n)
	}
}

func pairs(kv []any) map[string]any {
	if len(kv) == 0 {
		return nil
	}
	args := make(map[string]any, len(kv)/2)
	for i := 0; i+1 < len(kv); i += 2 {
		args[fmt.Sprint(kv[i])] = kv[i+1]
	}
	return args
}
