package page

import (
	"context"

	"github.com/a-h/templ"

	"carillon/internal/i18n"
	"carillon/views/component"
	"carillon/views/layout"
)

// Code is the second step of signing in.
func Code(m CodeModel) templ.Component { return layout.Part(m.Shell, code(m)) }

// secondState is whether the second factor counts, as a message.
func (m SettingsModel) secondState() string {
	if m.Second.Active() {
		return "access.second.on"
	}
	return "access.second.off"
}

// proofField asks for the password before a verb. A fault stands at the verb that was tried.
func (m SettingsModel) proofField(ctx context.Context, verb string) component.Field {
	var form Form
	if m.SecondVerb == verb {
		form = m.SecondForm
	}
	field := secretField(ctx, form, "old", "second-"+verb, "ui.field.password", "current-password")
	field.Help = i18n.T(ctx, "access.second.password_why")
	return field
}

// confirmation makes app.js ask before a form is sent; "" does not.
func confirmation(question string) templ.Attributes {
	if question == "" {
		return nil
	}
	return templ.Attributes{"data-confirm": question}
}
