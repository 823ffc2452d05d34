package web

import (
	"net/http"
	"net/url"

	"carillon/internal/access"
	"carillon/internal/control"
	"carillon/internal/i18n"
	"carillon/internal/route"
	"carillon/views/layout"
	"carillon/views/page"
)

// userList lists the people who may sign in.
func (s *Server) userList(q *request) error {
	return s.showUsers(q, http.StatusOK, page.UsersModel{})
}

func (s *Server) showUsers(q *request, status int, m page.UsersModel) error {
	var err error
	if m.Shell, err = q.shell(i18n.M("web.title.users"), layout.SectionUsers); err != nil {
		return err
	}
	if m.Users, err = s.Accounts.Users(q.ctx(), q.actor()); err != nil {
		return err
	}
	if m.Second, err = s.Accounts.SecondFactors(q.ctx(), q.actor()); err != nil {
		return err
	}
	m.Values = withoutSecrets(m.Values)
	m.RowForm.Values = withoutSecrets(m.RowForm.Values)
	return q.render(status, page.Users(m))
}

// userCreate adds a user.
func (s *Server) userCreate(q *request) error {
	v, err := q.form()
	if err != nil {
		return err
	}
	user, err := s.Accounts.CreateUser(q.ctx(), q.actor(), control.NewUser{
		Name: v.Get("name"), Role: access.Role(v.Get("role")), Password: v.Get("password"),
	})
	if isInput(err) {
		return s.showUsers(q, http.StatusUnprocessableEntity, page.UsersModel{Form: formOf(v, err)})
	}
	if err != nil {
		return err
	}
	return q.leave(route.Users(q.ctx()), i18n.M("web.done.user_create", "name", user.Name))
}

// userRole gives a user another role.
func (s *Server) userRole(q *request) error {
	return s.changeUser(q, "web.done.user_role", func(v url.Values) (access.User, error) {
		return s.Accounts.SetRole(q.ctx(), q.actor(), q.param("id"), access.Role(v.Get("role")))
	})
}

// userDisable bars a user.
func (s *Server) userDisable(q *request) error {
	return s.changeUser(q, "web.done.user_disable", func(url.Values) (access.User, error) {
		return s.Accounts.SetDisabled(q.ctx(), q.actor(), q.param("id"), true)
	})
}

// userEnable lets a user back in.
func (s *Server) userEnable(q *request) error {
	return s.changeUser(q, "web.done.user_enable", func(url.Values) (access.User, error) {
		return s.Accounts.SetDisabled(q.ctx(), q.actor(), q.param("id"), false)
	})
}

// userPassword gives a user a new password.
func (s *Server) userPassword(q *request) error {
	return s.changeUser(q, "web.done.user_password", func(v url.Values) (access.User, error) {
		return access.User{}, s.Accounts.ResetPassword(q.ctx(), q.actor(), q.param("id"), v.Get("password"))
	})
}

// userSecond takes away a user's second factor.
func (s *Server) userSecond(q *request) error {
	return s.changeUser(q, "access.done.user_second", func(url.Values) (access.User, error) {
		return s.Accounts.RemoveUserSecond(q.ctx(), q.actor(), q.param("id"))
	})
}

// changeUser does one verb on a user and answers with the list.
func (s *Server) changeUser(q *request, done string, verb func(url.Values) (access.User, error)) error {
	v, err := q.form()
	if err != nil {
		return err
	}
	user, err := verb(v)
	if isInput(err) {
		return s.showUsers(q, http.StatusUnprocessableEntity, page.UsersModel{FormFor: q.param("id"), RowForm: formOf(v, err)})
	}
	if err != nil {
		return err
	}
	return q.leave(route.Users(q.ctx()), i18n.M(done, "name", user.Name))
}
