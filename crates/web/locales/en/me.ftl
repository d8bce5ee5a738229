# Signing in, my page, my account

sign-in-lead = Sign in to ask for help, to offer it, and to follow your matches.
sign-in-help = No account, or forgot the password? Please ask your residential area or the subdistrict.
sign-in-field-login = Sign-in name
sign-in-field-password = Password
done-signed-in = You are signed in.
done-signed-out = You are signed out.

me-title = Mine
me-new-need = Ask for help
me-new-offer = Offer help
me-waiting-title = Waiting for me
me-waiting-none = Nothing waits for you.
me-waiting-give = { $receiver } would like your help. Please answer.
me-waiting-receive = { $giver } would like to help you. Please answer.
me-waiting-confirm = { $giver } gave help on { $date } ({ $duration }). Please confirm.
me-acting-for = Choose yourself or your organisation
me-balance-title = Given and received: { $name }
me-given = Given
me-received = Received
me-times = { $count ->
    [one] { $count } time
   *[other] { $count } times
}
me-open = Under way
me-open-note = matches
me-open-title = Matches under way
me-open-none = No matches are under way.
me-see-needs = See needs
me-see-offers = See offers
me-needs-title = Needs
me-needs-none = No needs were handed in yet.
me-offers-title = Offers
me-offers-none = No offers were made yet.
me-intent-done = { $done } of { $quantity } done
me-past-title = Past matches
me-all-matches = All matches

me-account-title = My account
me-login-is = Sign-in name: { $login }
me-password-title = Change password
me-password-change = Change password
me-field-old-password = Present password
me-field-password = New password
me-field-password-again = New password again
me-hint-password = At least 10 characters. Other devices are signed out, and every API token ends.
me-error-passwords-differ = The new passwords differ. Please type them again.
done-password-changed = The password is changed. Other devices have to sign in again; programs need a new token.
me-language-title = Language
me-posts-title = My posts
me-posts-none = No posts at present.
me-post-since = since { $from }
me-post-delegated = on behalf of { $person }
me-post-between = { $from } to { $until } (excluded)
me-tokens-title = API tokens
me-tokens-lead = A program acts for you with a token, for one year or until the password changes. Keep it like a password.
me-field-name = Name
me-hint-token = Say what it is for, so that you know it later.
me-token-create = Make a token
me-token-new = New token
me-token-once = It is shown only this once. Copy it now and keep it safe.
me-token-created = Made on
me-token-expires = Valid until
me-token-delete = Delete
me-token-delete-title = Delete a token
me-token-delete-question = Programs that use it can no longer call the API. Delete it?
done-token-deleted = The token is deleted.

me-looks-link = Who looked at my sensitive data
me-looks-title = Who looked at my sensitive data
me-looks-lead = Care groups and political status are sensitive data. Each time somebody opens yours, it is listed here; your own looks are not.
me-looks-none = Nobody has looked at your sensitive data so far.
me-look-at = When
me-look-by = Who
me-look-capacity = In which capacity
me-look-reason = Why
me-look-no-reason = Not given
