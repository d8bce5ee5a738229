# Matching runs

run-list-title = Matching runs
run-list-lead = Puts the open needs of an area or of the whole community beside the offers and works out the best assignment overall. Nobody is told before you accept it.
run-field-place = For
run-hint-place = Needs are taken from here, offers from wherever they reach.
run-start = Start matching
run-none = No run so far
run-none-text = Choose a place above and start matching.
run-column-place = For
run-column-when = When
run-column-state = State
run-column-accept = Accept
run-column-need = Need
run-column-receiver = Receiver
run-column-need-place = Place of the need
run-column-offer = Offer
run-column-giver = Giver
run-column-offer-place = Place of the offer
run-column-quantity = Quantity
run-column-points = Fit
run-column-reasons = Reasons
run-column-category = Category
run-column-why = Why
run-state-proposed = To be decided
run-state-decided = Decided
run-title = Matching run: { $place }
run-file = matching-{ $place }-{ $day }
run-made = Made on { $when }
run-needs = Needs
run-offers = Offers
run-units = Units served / asked for
run-units-served = Units that can be met
run-units-needed = Units needed
run-list-file = matching-{ $day }
run-weight = Weight served
run-weight-note = by urgency and care group
run-fit = Mean fit
run-fit-note = 100% is the best
run-time = Time taken
run-millis = { $millis } ms
run-proposals = { $count ->
    [one] { $count } proposal
   *[other] { $count } proposals
}
run-how = All are ticked. Accept all, or untick what does not suit and accept the chosen ones. The givers are then asked to answer.
run-accept-this = Accept: { $need }
run-accept-all = Accept all
run-accept-some = Accept chosen
run-accept-none = Accept none
run-none-question = Accept none of them?
run-none-explained = The { $count } proposals for { $place } will be dropped. The needs stay open, and you can start again.
run-choose-one = Tick at least one; to accept nothing, choose “Accept none”.
run-no-proposals = Nothing can be matched
run-no-proposals-text = The table below says why. Add offers and try again.
run-add-offer = Add an offer
run-unmet = { $count ->
    [one] { $count } need stays unmet
   *[other] { $count } needs stay unmet
}
run-unmet-text = For these needs, or a part of them, there is no suitable offer now.
run-gone = No longer there
run-decision-pending = To be decided
run-decision-accepted = Accepted
run-decision-rejected = Not accepted
run-decision-outdated = Things changed, not matched
done-run-started = The proposals are ready. Please look and decide.
done-run-decided = Accepted { $accepted }, not accepted { $rejected }, changed in the meantime { $outdated }.
