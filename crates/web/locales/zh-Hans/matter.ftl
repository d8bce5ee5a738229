# 议事协调

invalid-matter_not_now = 事项已进到别的阶段，现在不能办这一步。请刷新后再看。
invalid-matter_one_party = 至少要有两方。
invalid-matter_party_twice = 这一方已经邀请。
invalid-matter_no_party = 不是这件事的当事方。
invalid-matter_no_follow_up = 这项后续安排已不在。
invalid-matter_done_already = 这项已经完成。
invalid-matter_pending = 还有 { $count } 项后续没有完成。
invalid-matter_not_due = 约定的事还没有到期，逾期未办才能重新提起。
