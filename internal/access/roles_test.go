package access_test

import (
	"slices"
	"testing"

	"carillon/internal/access"
)

// TestRolesCan is the whole table: who may do what. It is written out once more, so that
// a change of a role is a decision and no slip.
func TestRolesCan(t *testing.T) {
	t.Parallel()
	least := map[access.Permission]access.Role{
		access.JobsView: access.Viewer, access.RunsView: access.Viewer, access.OwnAccount: access.Viewer, access.SystemView: access.Viewer,
		access.JobsTrigger: access.Operator, access.JobsPause: access.Operator, access.JobsResume: access.Operator,
		access.JobsStart: access.Operator, access.JobsStop: access.Operator, access.RunsCancel: access.Operator,
		access.JobsCreate: access.Editor, access.JobsUpdate: access.Editor, access.JobsDelete: access.Editor,
		access.JobsActions: access.Editor, access.RunsDelete: access.Editor, access.AuditView: access.Editor,
		access.JobsManageSystem: access.Admin, access.UsersManage: access.Admin,
	}
	if got := access.Permissions(); len(got) != len(least) {
		t.Errorf("%d permissions, the table has %d", len(got), len(least))
	}
	roles := access.Roles()
	for _, p := range access.Permissions() {
		for rank, role := range roles {
			want := rank >= slices.Index(roles, least[p])
			if got := role.Can(p); got != want {
				t.Errorf("%s can %s: %v, want %v", role, p, got, want)
			}
			if got := (access.Actor{Role: role}).Can(p); got != want {
				t.Errorf("an actor who is %s can %s: %v, want %v", role, p, got, want)
			}
		}
	}
}

func TestNobodyCarriesWhatIsNoRight(t *testing.T) {
	t.Parallel()
	for _, role := range []access.Role{"", "root", "Admin", "admin "} {
		if role.Valid() {
			t.Errorf("%q is a role", role)
		}
		for _, p := range access.Permissions() {
			if role.Can(p) {
				t.Errorf("%q can %s", role, p)
			}
		}
	}
	for _, role := range access.Roles() {
		if !role.Valid() {
			t.Errorf("%s is no role", role)
		}
		for _, p := range []access.Permission{access.Public, "", "TaskManagement"} {
			if role.Can(p) {
				t.Errorf("%s can %q", role, p)
			}
		}
	}
}

func TestActors(t *testing.T) {
	t.Parallel()
	u := access.User{ID: "1", Name: "ada", Role: access.Editor}
	want := access.Actor{UserID: "1", Name: "ada", Role: access.Editor, Via: access.ViaToken, Address: "192.0.2.1", RequestID: "r"}
	if got := u.Actor(access.ViaToken, "192.0.2.1", "r"); got != want {
		t.Errorf("got %+v", got)
	}
	if cli := access.CLI("root"); !cli.Can(access.UsersManage) || cli.Via != access.ViaCLI || cli.UserID != "" {
		t.Errorf("got %+v", cli)
	}
}
