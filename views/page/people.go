package page

import (
	"carillon/internal/access"
	"carillon/internal/i18n"
)

// roleValue is the role chosen for a new user; the least to begin with.
func (m UsersModel) roleValue() string {
	if role := m.Get("role"); role != "" {
		return role
	}
	return string(access.Viewer)
}

// rowFault is what is wrong about a field of a user's own form.
func (m UsersModel) rowFault(id, name string) i18n.Msg {
	if m.FormFor != id {
		return i18n.Msg{}
	}
	return m.RowForm.FaultOf(name)
}

// disableVerb is the verb that changes whether a user may sign in.
func disableVerb(u access.User) string {
	if u.Disabled {
		return "enable"
	}
	return "disable"
}
