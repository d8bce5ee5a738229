# 今日清单

today-title = 今日清单
today-all = 全部对接
today-days = 选择日期
today-day = 日期
today-go = 前往
today-previous = 前一天
today-next = 后一天
today-back = 回到今天
today-none = 这一天没有安排
today-none-text = 没有上门、逾期或待答复的事项。可以看看待对接的需求。
today-see-needs = 看需求
today-visits = 当天安排
today-visits-none = 当天没有约定的服务。
today-overdue = 逾期未记录
today-overdue-lead = 约定的时间已过，还没有记录是否完成。
today-unconfirmed = 满 7 天未确认
today-unconfirmed-lead = 服务已记录，但有一方满 7 天没有确认。核实后可以代为办结。
today-unanswered = 待答复
today-unanswered-lead = 已提出对接，对方还没有答复。可以打电话提醒。
today-receiver = 受助：{ $name }
today-giver = 服务：{ $name }
today-recorded = { $when }记录
today-proposed = { $when }提出
