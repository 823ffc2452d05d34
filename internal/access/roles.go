package access

import "slices"

// Roles lists the roles from the least to the most.
func Roles() []Role { return []Role{Viewer, Operator, Editor, Admin} }

// Valid reports whether r is one of the four roles.
func (r Role) Valid() bool { return slices.Contains(Roles(), r) }

// Permissions lists every permission a role can carry. [Public] is not among them.
func Permissions() []Permission {
	return slices.Concat(viewerRights(), operatorRights(), editorRights(), adminRights())
}

// Can reports whether the role carries p. Each role carries what the one before it
// carries; an unknown role carries nothing.
func (r Role) Can(p Permission) bool {
	rank := slices.Index(Roles(), r)
	for i, rights := range [][]Permission{viewerRights(), operatorRights(), editorRights(), adminRights()} {
		if i <= rank && slices.Contains(rights, p) {
			return true
		}
	}
	return false
}

// Can reports whether the actor carries p.
func (a Actor) Can(p Permission) bool { return a.Role.Can(p) }

// Actor returns the user as an actor who came by the given door.
func (u User) Actor(via Via, address, requestID string) Actor {
	return Actor{UserID: u.ID, Name: u.Name, Role: u.Role, Via: via, Address: address, RequestID: requestID}
}

// CLI returns the actor of a command on the machine itself. Whoever may read the data
// folder owns it, so the actor has every right.
func CLI(name string) Actor { return Actor{Name: name, Role: Admin, Via: ViaCLI} }

// viewerRights is what every signed-in person has.
func viewerRights() []Permission {
	return []Permission{JobsView, RunsView, OwnAccount, SystemView}
}

// operatorRights is what an operator has beyond a viewer.
func operatorRights() []Permission {
	return []Permission{JobsTrigger, JobsPause, JobsResume, JobsStart, JobsStop, RunsCancel}
}

// editorRights is what an editor has beyond an operator.
func editorRights() []Permission {
	return []Permission{JobsCreate, JobsUpdate, JobsDelete, JobsActions, RunsDelete, AuditView}
}

// adminRights is what only an administrator has.
func adminRights() []Permission {
	return []Permission{JobsManageSystem, UsersManage}
}
