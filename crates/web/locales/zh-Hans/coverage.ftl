# 两新组织党建覆盖

coverage-tab = 党建覆盖
coverage-title = 企业党建覆盖
coverage-lead = { $day }：共 { $total } 家企业，覆盖 { $share }。
coverage-by-size = 按规模和覆盖方式
coverage-all-sizes = 合计
coverage-total = 合计
coverage-reached = 覆盖率
coverage-column-name = 企业
coverage-column-place = 所在地
coverage-column-staff = 职工人数
coverage-column-size = 规模
coverage-column-way = 覆盖方式
coverage-column-by = 党支部或受聘人
coverage-appoint = 颁发聘书
coverage-none = 没有符合条件的企业
coverage-file = 党建覆盖-{ $day }
coverage-own_branch = 单独组建
coverage-joint_branch = 联合组建
coverage-appointed_worker = 聘任指导
coverage-nothing = 未覆盖
staff-size-micro = 1–9 人
staff-size-small = 10–49 人
staff-size-medium = 50–99 人
staff-size-large = 100 人及以上
staff-size-unknown = 人数不详
