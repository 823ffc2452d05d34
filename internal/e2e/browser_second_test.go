package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"carillon/internal/e2e"
)

// TestBrowserSecondFactor turns the second factor on as people do, and signs in with it.
func TestBrowserSecondFactor(t *testing.T) {
	t.Parallel()
	_, _, b := console(t)
	b.Go("/settings")
	b.UntilReady()
	b.Fill("#second-offer", e2e.Password)
	b.ClickText("#second button", "Set up")
	b.Until(`document.querySelector("#second img")?.naturalWidth > 100`) // the policy lets the picture be shown
	picture(b, "second-offer")
	secret := strings.TrimSpace(b.Text("#second code"))
	code, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	b.Fill("#second-code", code)
	b.ClickText("#second button", "Turn on")
	b.Until(`document.querySelector("#second pre")?.innerText.trim().split("\n").length === 10`)
	picture(b, "second-codes")
	codes := strings.Fields(b.Text("#second pre"))

	ada := b.Person()
	ada.Go("/login?next=%2Fruns")
	ada.UntilReady()
	ada.Fill("[name=name]", "ada")
	ada.Fill("[name=password]", e2e.Password)
	ada.Click(".door-card button")
	ada.UntilPath("/login/code")
	picture(ada, "second-code")
	ada.Go("/jobs")
	ada.UntilPath("/login") // a password alone opens nothing
	ada.Go("/login/code?next=%2Fruns")
	ada.UntilReady()
	ada.Fill("[name=code]", "000000")
	ada.Click(".door-card button")
	ada.UntilText(".fault", "wrong")
	ada.Fill("[name=code]", codes[0])
	ada.Click(".door-card button")
	ada.UntilPath("/runs")
	b.Quiet()
	ada.Quiet("status of 422")
}
