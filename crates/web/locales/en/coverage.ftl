# Coverage of enterprises by Party building

coverage-tab = Coverage
coverage-title = Coverage of enterprises
coverage-lead = { $day }: { $total } enterprises, { $share } of them reached.
coverage-by-size = By size and way
coverage-all-sizes = All
coverage-total = All
coverage-reached = Reached
coverage-column-name = Enterprise
coverage-column-place = Place
coverage-column-staff = Employees
coverage-column-size = Size
coverage-column-way = Reached by
coverage-column-by = Branch or worker
coverage-appoint = Issue a letter
coverage-none = No such enterprise
coverage-file = coverage-{ $day }
coverage-own_branch = Own branch
coverage-joint_branch = Joint branch
coverage-appointed_worker = Appointed worker
coverage-nothing = Nothing
staff-size-micro = 1–9 employees
staff-size-small = 10–49 employees
staff-size-medium = 50–99 employees
staff-size-large = 100 and more
staff-size-unknown = Not known
