# Members that are there twice, and merging

duplicate-tab = Duplicates
duplicate-title = Possible duplicates
duplicate-lead = Members with a like name, sound, telephone or place may be one and the same. You look and decide.
duplicate-views = Views
duplicate-view-suspected = Possible duplicates
duplicate-view-merges = Merges
duplicate-area = Residential area
duplicate-none = No duplicates suspected
duplicate-none-text = Members who look alike are listed here after they are added or imported.
duplicate-more = So many members look alike that only some were compared; more follow when these are dealt with.
duplicate-born = Born
duplicate-born-in = in { $year }
duplicate-compare = Compare
duplicate-apart = Not the same
duplicate-suspected = May be there already
duplicate-suspected-text = These members look like the one you are adding. If it is one of them, open that one; if it is another, add it.
duplicate-create-anyway = It is another: add it all the same
duplicate-compare-title = Compare two members
duplicate-compare-lead = Side by side: choose which to keep, and whose entry for each field.
done-members-apart = Noted: they are two, and are not suspected again.
done-members-merged = Merged.
error-suspected-duplicate = It may be there already; confirm that it is another to add it all the same.

likeness-same_name = Same name
likeness-same_short_name = Same short name
likeness-same_sound = Sounds the same
likeness-same_phone = Same telephone
likeness-same_birth_date = Same date of birth
likeness-same_birth_year = Same year of birth
likeness-same_place = Same place
likeness-same_area = Same area
likeness-other_birth_date = Other date of birth
likeness-other_sex = Other sex
likeness-other_name = Other name

merge-title = Merges
merge-lead = Members that were merged. A merge that was wrong is undone, and everything is as it was before.
merge-none = Nothing was merged yet
merge-none-text = Merges are listed here after you compare possible duplicates.
merge-column-field = Field
merge-column-kept = Kept
merge-column-gone = Merged into it
merge-column-when = When
merge-column-by = By
merge-keep = Keep
merge-keep-this = Keep this one
merge-hangs = What hangs on it
merge-hangs-intent = { $count ->
    [one] 1 need or offer
   *[other] { $count } needs and offers
}
merge-hangs-account = { $count ->
    [one] 1 account
   *[other] { $count } accounts
}
merge-hangs-appointment = { $count ->
    [one] 1 appointment
   *[other] { $count } appointments
}
merge-hangs-delegation = { $count ->
    [one] 1 delegation
   *[other] { $count } delegations
}
merge-hangs-appointment_letter = { $count ->
    [one] 1 letter of appointment
   *[other] { $count } letters of appointment
}
merge-hangs-post = { $count ->
    [one] 1 post
   *[other] { $count } posts
}
merge-hangs-cross_requirement = { $count ->
    [one] 1 required cross appointment
   *[other] { $count } required cross appointments
}
merge-explained = Needs, offers, matches, appointments, accounts and hours of both go to the one that is kept; the other leaves all lists, and its page leads to the kept one. Nothing is lost, and it can be undone.
merge-sure = I have compared them: they are one and the same
merge-sure-needed = Compare them and tick this box.
merge-do = Merge
merge-not-allowed = Merging is for those who look after the places of both.
merge-obstacles = They can’t be merged yet
merge-undo = Undo the merge
merge-undo-title = Undo a merge
merge-undo-question = Undo this merge?
merge-undo-explained = Both members are as they were; what was done since with a need, an offer or a post goes back with it.
merge-undone-on = Undone on { $day }
done-merge-undone = The merge was undone.

merge-field-name = Name
merge-field-place = Place
merge-field-phone = Telephone
merge-field-email = E-mail
merge-field-birth_date = Date of birth
merge-field-sex = Sex
merge-field-registered = Registered here
merge-field-retired = Retired
merge-field-standings = Name, kind, superior and place
merge-field-contact = Contact person
merge-field-staff_count = Employees

merge-changed-name = Name
merge-changed-place = Place
merge-changed-phone = Telephone
merge-changed-email = E-mail
merge-changed-birth-date = Date of birth
merge-changed-sex = Sex
merge-changed-registered = Registered here
merge-changed-retired = Retired
merge-changed-standings = Name, kind, superior and place
merge-changed-contact = Contact person
merge-changed-staff-count = Employees
merge-changed-code = Code
merge-changed-below = Organisations under it
merge-changed-set-up = Units of a branch
merge-changed-intent = Needs and offers
merge-changed-account = Accounts
merge-changed-appointment = Appointments
merge-changed-delegation = Delegations
merge-changed-appointment-letter = Letters of appointment
merge-changed-party-membership = Party membership
merge-changed-party-step = Development of members
merge-changed-party-transfer = Transfers
merge-changed-post = Posts
merge-changed-cross-requirement = Required cross appointments
merge-changed-sure = Confirmation

invalid-merge_changed_since = Changed since the merge, and can’t be put back by itself.
invalid-merge_merged_again = The one that was kept was merged into another since; undo that merge first.
invalid-merge_not_alike = Only two different persons, or two different organisations, can be merged.
invalid-merge_match_between = There is a match between the two, so they can’t be one; look at those matches first.
invalid-merge_same_post = Both are “{ $post }” at the same time; end one of the appointments first.
invalid-merge_own_delegation = One acts in a post of the other; end the delegation first.
invalid-merge_two_homes = Both belong to a Party branch at the same time; the branch has to look at it first.
invalid-merge_same_registration = One branch has two entries for the same days; the branch has to look at it first.
invalid-merge_two_developments = The development of both is recorded and can’t be put together; the branch has to look at it first.
invalid-merge_two_transfers = A transfer of each is open; finish one first.
invalid-merge_transfer_between = A member is or was transferred between the two, so they can’t be one.
invalid-merge_in_draft = A drafted reorganisation names the organisation that goes; change the draft first.

record-action-member-merge = Members merged
record-action-member-unmerge = Merge undone
record-action-member-tell_apart = Found to be two members
