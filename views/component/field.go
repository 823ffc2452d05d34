package component

import (
	"strings"

	"github.com/a-h/templ"

	"carillon/internal/i18n"
)

// Field is one input of a form with its label, help and fault.
type Field struct {
	Name  string // as it is sent
	Label string
	Help  string
	Value string
	Fault i18n.Msg

	// ID is the element id; "" makes one from Name.
	ID string
	// Type of the input: "text" if empty.
	Type         string
	Required     bool
	Mono         bool
	Autofocus    bool
	Placeholder  string
	Autocomplete string
	InputMode    string
	List         string // id of a datalist
	Options      []Option
	Rows         int // of a text area
	Max          int // characters; 0: no limit
	// Ticked is what a ticked box sends; "true" if empty.
	Ticked string
	// Short fields take only the room they need.
	Short bool
}

// Option is one choice of a select or of radio buttons.
type Option struct {
	Value, Label, Help, Icon string
}

// ElementID is the input's id.
func (f Field) ElementID() string {
	if f.ID != "" {
		return f.ID
	}
	return "f-" + strings.NewReplacer(".", "-", " ", "-").Replace(f.Name)
}

func (f Field) inputType() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

// describedBy names the elements that hold the field's help and fault.
func (f Field) describedBy() string {
	var ids []string
	if f.Help != "" {
		ids = append(ids, f.ElementID()+"-help")
	}
	if !f.Fault.IsZero() {
		ids = append(ids, f.ElementID()+"-fault")
	}
	return strings.Join(ids, " ")
}

func (f Field) invalid() string {
	if f.Fault.IsZero() {
		return ""
	}
	return "true"
}

func (f Field) rows() int {
	if f.Rows > 0 {
		return f.Rows
	}
	return 4
}

// inputAttributes are the attributes that text inputs and text areas share and that are left out when empty.
func (f Field) inputAttributes() templ.Attributes {
	attrs := templ.Attributes{}
	for name, value := range map[string]string{
		"placeholder": f.Placeholder, "autocomplete": f.Autocomplete, "inputmode": f.InputMode, "list": f.List,
		"aria-describedby": f.describedBy(), "aria-invalid": f.invalid(),
	} {
		if value != "" {
			attrs[name] = value
		}
	}
	if f.Max > 0 {
		attrs["maxlength"] = f.Max
	}
	return attrs
}

// offers reports whether value is among the options.
func (f Field) offers(value string) bool {
	for _, o := range f.Options {
		if o.Value == value {
			return true
		}
	}
	return false
}

// ticked is what a ticked box sends.
func (f Field) ticked() string {
	if f.Ticked != "" {
		return f.Ticked
	}
	return "true"
}
