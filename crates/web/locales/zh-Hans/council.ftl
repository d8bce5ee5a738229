# 议事

charter-matter = { $matter ->
    [special] 特别事项
    [election] 选举
    [charter_change] 修改章程
    [admission] 吸收成员
    [removal] 罢免
   *[ordinary] 一般事项
}
invalid-charter_no_seats = 单位和个人都没有席位，请至少给其中一类。
invalid-charter_seats_range = 不能少于最少席位数 { $least }。
invalid-charter_duty_without_seats = 轮值在席位之间进行，全体成员制没有席位。
invalid-charter_duty_longer_than_term = 一轮轮值不能比任期还长。
invalid-charter_no_duty = 没有轮值，不能由轮值单位提出议题。
invalid-charter_no_chair = 没有设主持人，不能由主持人提出议题。
invalid-charter_casting_without_chair = 没有设主持人，无人可投决定票。
invalid-charter_more_backers_than_seats = 最多只有 { $max } 个席位，附议数不能更多。
invalid-charter_ordinary_twice = 一般事项已经有规定。
invalid-charter_share_zero = { charter-matter }：比例为零等于没有要求，请填大一些。
invalid-charter_share_impossible = { charter-matter }：不可能超过全部，请改为“不少于”。
invalid-charter_measure_unfit = { charter-matter }：不能这样计算。理事会按席位，业主按人数和面积，其他按人数。
invalid-charter_condition_twice = { charter-matter }：同一条件写了两次，请只留一个。
invalid-charter_represented_without_proxies = { charter-matter }：不允许委托，就没有委托出席可算。
invalid-charter_no_majority = { charter-matter }：请写明多少同意才通过。
invalid-charter_weaker_than_ordinary = { charter-matter }的要求不能低于一般事项。
invalid-charter_secret_by_area = { charter-matter }：按面积计票不能无记名，从面积就看得出是谁。
invalid-charter_secret_by_hands = { charter-matter }：举手不是无记名，请增加其他方式。
invalid-charter_window_range = 不能短于最短时间 { $least } 小时。
invalid-charter_change_not_online = 只有线上投的票才能更改。
invalid-charter_written_without_paper = 书面意见需要允许书面投票。
invalid-charter_not_resolved = 修改章程要有一项已通过的修改章程决议。
invalid-charter_before_resolution = 决议在{ $day }作出，生效不能早于这天。
invalid-charter_before_last = 已有版本从{ $day }起生效，请选以后的日期。

invalid-seat_not_for_kind = 按章程，这类成员没有席位。
invalid-seat_member_full = { $day }起这个成员会超过 { $max } 个席位。
invalid-seat_council_full = { $day }起会超过 { $max } 个席位。
invalid-seat_number_taken = 这段时间别的席位已用这个序号。
invalid-seat_outside = 不在席位的期间内。
invalid-seat_holder_sits = 席位由本人代表，别人可作替补。
invalid-seat_represented = 这个席位从{ $day }起已有代表。
invalid-seat_substitutes_full = 一个席位最多 { $max } 名替补。
invalid-seat_sits_already = 此人这段时间已代表一个席位。

invalid-roll_twice = 名册上有人重复。
invalid-roll_too_large = 名册上的数字太大，无法计算，请核对面积。

invalid-duty_nobody = { $day }没有可以轮值的席位。
invalid-duty_too_long = 一次最多排 { $max } 轮，请把结束日期提前。
invalid-duty_no_swaps = 章程不允许调换轮值。
invalid-duty_no_such_turn = 没有从这天开始的轮值。
invalid-duty_turn_begun = 这一轮已经开始。
invalid-duty_own_turn = 两轮都是同一席位的。
invalid-duty_not_yours = 只有当值的席位可以办。
invalid-duty_swap_open = 这一轮已有人提出调换。
invalid-duty_swap_decided = 这次调换已经答复。
invalid-duty_turns_changed = 轮值表已有变化，请重新提出调换。
invalid-duty_seat_gone = { $day }其中一个席位已不在。
invalid-duty_not_begun = 这一轮从{ $day }开始。

invalid-meeting_not_now = 会议已进到别的阶段，现在不能办这一步。请刷新后再看。
invalid-meeting_item_kind = 章程没有这类议题，请从列表中选择。
invalid-meeting_no_items = 还没有议题。
invalid-meeting_nobody = 还没有邀请任何人。
invalid-meeting_notice_short = 会议须提前 { $days } 天通知，最早可在{ $earliest }召开。
invalid-meeting_too_early = 最早在会议开始前 { $hours } 小时可以开会。
invalid-meeting_no_such_item = 议程里已没有这个议题。
invalid-meeting_unsettled = 还有 { $count } 个议题没有结果也没有后续安排，先看“{ $title }”。
invalid-meeting_not_invited = 不在邀请名单上。
invalid-meeting_here_already = 已经签到。
invalid-meeting_not_here = 还没有签到。

invalid-proposal_not_now = 议题已进到别的阶段，现在不能办这一步。请刷新后再看。
invalid-proposal_not_yours = 只有提出的人可以办。
invalid-proposal_backed_already = 您已经附议。
invalid-proposal_not_backed = 您没有附议。
invalid-proposal_own_backing = 提出的人自然附议，如不再坚持请撤回议题。
invalid-proposal_open_amendments = 还有 { $count } 个修改意见没有处理。
invalid-amendment_decided = 这个修改意见已经处理。
invalid-amendment_outdated = 文本已有变化，请重新提出修改意见。

invalid-vote_one_by_one = 候选人须逐个表决：只设一个赞成或反对的问题。
invalid-vote_must_be_yes_no = 这类事项用赞成或反对表决。
invalid-vote_no_majority = 章程没有规定通过的多数，请改为从候选人中选。
invalid-vote_way_not_allowed = 章程不允许这种投票方式。
invalid-vote_secret_by_hands = 举手不是无记名，请换一种方式。
invalid-vote_window_hours = 按章程，表决要持续 { $min } 到 { $max } 小时。
invalid-vote_options_unneeded = 赞成或反对的问题不用选项。
invalid-vote_options_few = 至少 { $min } 个选项。
invalid-vote_option_twice = “{ $option }”重复。
invalid-vote_empty_roll = 名册上没有人。
invalid-vote_no_quorum = { $measure ->
    [area] 到会业主的专有部分面积不够，不能表决。
    [seats] 到会 { $got } 席，至少要 { $needed } 席才能表决。
   *[heads] 到会 { $got } 人，至少要 { $needed } 人才能表决。
}
invalid-vote_not_yet = 表决还没有开始。
invalid-vote_over = 表决时间已过，不再收票。
invalid-vote_closed = 表决已结束，不能再改。
invalid-vote_still_open = 表决时间未到；全部投完才可提前结束。
invalid-vote_unconfirmed = 还有 { $count } 份录入等待另一人核对。
invalid-vote_not_closed = 表决还没有结束。
invalid-vote_no_tie = 没有需要决定票的平票。
invalid-vote_casting_given = 决定票已经投过。
invalid-vote_not_secret = 这是记名表决，没有回执。
invalid-vote_not_online = 这次表决不在线上进行。
invalid-vote_cast_already = 已经投过票，不能更改。
invalid-vote_not_on_roll = 有 { $count } 人不在名册上。
invalid-ballot_answers = 请回答全部 { $questions } 个问题。
invalid-ballot_kind = 这不是对这个问题的回答。
invalid-ballot_unknown_option = 没有这个选项，请从列表中选择。
invalid-ballot_option_twice = 同一选项选了两次。
invalid-ballot_too_many = 最多选 { $max } 个。
invalid-ballot_score = 最高 { $max } 分。

invalid-receipt_malformed = 回执有 32 位，由数字和字母 a 到 f 组成。
invalid-receipt_needed = 更改无记名的票，需要投票时给您的回执。
invalid-receipt_unneeded = 您还没有投票，不用回执。
invalid-receipt_unknown = 这次表决没有这个回执的票。

invalid-proxy_not_allowed = 这里不能委托投票。
invalid-proxy_own = 不能委托给自己。
invalid-proxy_given_already = 已经委托给别人。
invalid-proxy_too_many = 一人最多受 { $max } 人委托。
invalid-proxy_chain = 受托的票不能再转托。
invalid-proxy_voted = 已经投过票。

invalid-entry_kind = 记名表决按姓名录入，无记名表决按张数录入。
invalid-entry_twice = 有 { $count } 人重复。
invalid-entry_voted_already = 有 { $count } 人已经投过票。
invalid-entry_sums_differ = 交票 { $voters } 人，但计票 { $papers } 张，请核对。
invalid-entry_weights_differ = 各人的票权不同，请按姓名录入。
invalid-entry_absent = 有 { $count } 人没有签到，只有到会的人可以举手。
invalid-entry_time = 须在表决期间交票。
invalid-entry_not_before = 有 { $count } 人没有到会，书面意见须在表决开始前提出。
invalid-entry_decided = 这份录入已经核对或作废。
invalid-entry_same_person = 须由录入人以外的另一人核对。

invalid-resolution_not_now = 决议已进到别的阶段，现在不能办这一步。请刷新后再看。
invalid-resolution_own_work = 须由报告完成的人以外的另一人验收。
invalid-resolution_due_early = 决议在{ $day }作出，期限不能早于这天。
invalid-resolution_due_without_owner = 请写明由谁落实。
