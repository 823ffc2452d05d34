// Package i18n turns message ids into text in the reader's language, and times,
// spans and cron expressions into words.
//
// The catalogs lie in locales/<language>/<area>.json and are embedded. A [Catalog]
// and its printers never change after [Load] and are safe for concurrent use.
package i18n

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed locales
var embedded embed.FS

// Default is the language that is complete by definition and used when no other fits.
const Default = "en"

// Language is one language the program speaks.
type Language struct {
	Tag  string // BCP 47: "en", "zh-CN"
	Name string // in the language itself: "English", "简体中文"
}

// Languages lists the languages, the default first.
func Languages() []Language {
	return []Language{{Tag: Default, Name: "English"}, {Tag: "zh-CN", Name: "简体中文"}}
}

// Catalog holds all messages in all languages.
type Catalog struct {
	printers map[string]*Printer
	tags     []string
	matcher  language.Matcher
}

// Load reads the embedded catalogs. It fails on broken JSON, on an id that two
// areas of one language define, and on a message that cannot be parsed.
func Load() (*Catalog, error) { return load(embedded) }

func load(files fs.FS) (*Catalog, error) {
	bundle := goi18n.NewBundle(language.MustParse(Default))
	c := &Catalog{printers: map[string]*Printer{}}
	var tags []language.Tag
	for _, l := range Languages() {
		tag, err := language.Parse(l.Tag)
		if err != nil {
			return nil, fmt.Errorf("parse language %q: %w", l.Tag, err)
		}
		p := &Printer{lang: l.Tag, plain: map[string]string{}, known: map[string]bool{}, plural: map[string]bool{}}
		if err := p.read(bundle, files, tag); err != nil {
			return nil, err
		}
		tags, c.tags = append(tags, tag), append(c.tags, l.Tag)
		c.printers[l.Tag] = p
	}
	for tag, p := range c.printers {
		p.localizer = goi18n.NewLocalizer(bundle, tag)
		p.fallback = c.printers[Default]
	}
	c.matcher = language.NewMatcher(tags)
	return c, nil
}

// read adds every area file of one language to the bundle and to p.
func (p *Printer) read(bundle *goi18n.Bundle, files fs.FS, tag language.Tag) error {
	names, err := fs.Glob(files, path.Join("locales", p.lang, "*.json"))
	if err != nil {
		return fmt.Errorf("list catalogs of %s: %w", p.lang, err)
	}
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return fmt.Errorf("read catalog: %w", err)
		}
		if err := p.index(name, raw); err != nil {
			return err
		}
		if _, err := bundle.ParseMessageBytes(tag, raw, json.Unmarshal); err != nil {
			return fmt.Errorf("parse catalog %s: %w", name, err)
		}
	}
	return nil
}

// index notes the ids of one area file and keeps the texts that need no placeholder.
func (p *Printer) index(name string, raw []byte) error {
	var messages map[string]any
	if err := json.Unmarshal(raw, &messages); err != nil {
		return fmt.Errorf("parse catalog %s: %w", name, err)
	}
	for id, message := range messages {
		if p.known[id] {
			return fmt.Errorf("catalog %s: message %q is defined twice", name, id)
		}
		p.known[id] = true
		text, single := message.(string)
		p.plural[id] = !single
		if single && !strings.Contains(text, "{{") {
			p.plain[id] = text
		}
	}
	return nil
}

// Printer returns the printer of a language; of [Default] for one it does not know.
func (c *Catalog) Printer(lang string) *Printer {
	if p, ok := c.printers[lang]; ok {
		return p
	}
	return c.printers[Default]
}

// Match chooses a language. The wishes are tried in order (the user's setting, the
// cookie, the Accept-Language header); each is a tag or a header's value, and empty
// or strange ones are passed over. The result is a tag of [Languages].
func (c *Catalog) Match(wishes ...string) string {
	for _, wish := range wishes {
		if wish == "" {
			continue
		}
		if slices.Contains(c.tags, wish) {
			return wish
		}
		wanted, _, err := language.ParseAcceptLanguage(wish)
		if err != nil || len(wanted) == 0 {
			continue
		}
		if _, i, confidence := c.matcher.Match(wanted...); confidence > language.No {
			return c.tags[i]
		}
	}
	return Default
}

// IDs lists the message ids of a language, sorted.
func (c *Catalog) IDs(lang string) []string {
	p, ok := c.printers[lang]
	if !ok {
		return nil
	}
	ids := make([]string, 0, len(p.known))
	for id := range p.known {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
