//! The columns that a roster may have, and guessing them from the words of its header.

use super::RosterKind;
use crate::invalid::Problem;

coded! {
    /// What a column of a roster means. The code is also the field's name in problems and in the API.
    Field {
        /// The code by which imports know a member or a post.
        Code => "code",
        /// Name of a person or an organisation.
        Name => "name",
        /// Where it lives, works or sits.
        Place => "place",
        /// Date of birth of a person.
        BirthDate => "birth_date",
        /// Sex.
        Sex => "sex",
        /// Telephone number.
        Phone => "phone",
        /// E-mail address.
        Email => "email",
        /// Whether the person is registered (户籍) here.
        Registered => "registered",
        /// Whether the person is retired.
        Retired => "retired",
        /// Care groups. Sensitive.
        CareGroups => "care_groups",
        /// Kind of an organisation.
        OrganisationKind => "organisation_kind",
        /// Contact person of an organisation.
        Contact => "contact",
        /// The superior of an organisation in the line: its code or name.
        Line => "line",
        /// How many employees an organisation has.
        StaffCount => "staff_count",
        /// The organisation of a post.
        Organisation => "organisation",
        /// Kind of a post.
        PostKind => "post_kind",
        /// Title of a post.
        Title => "title",
        /// Seats of a post.
        Seats => "seats",
        /// Term of a post, in months.
        TermMonths => "term_months",
        /// The person who holds a post, or who is a member.
        Person => "person",
        /// The first day.
        From => "from",
        /// The first day after the last.
        Until => "until",
        /// The decision that an appointment rests on.
        Note => "note",
        /// The Party branch. Sensitive.
        Branch => "branch",
        /// How a Party member belongs to the branch. Sensitive.
        Relation => "relation",
    }
}

/// The most columns of one roster that may be mapped.
pub const MAPPED_MAX: usize = 200;

impl RosterKind {
    /// The columns that it may have, in the order of its template.
    #[must_use]
    pub fn fields(self) -> &'static [Field] {
        use Field as F;
        match self {
            Self::Persons => &[
                F::Code,
                F::Name,
                F::Place,
                F::BirthDate,
                F::Sex,
                F::Phone,
                F::Email,
                F::Registered,
                F::Retired,
                F::CareGroups,
            ],
            Self::Organisations => &[
                F::Code,
                F::Name,
                F::OrganisationKind,
                F::Place,
                F::Line,
                F::Contact,
                F::Phone,
                F::Email,
                F::StaffCount,
            ],
            Self::Posts => &[
                F::Code,
                F::Organisation,
                F::PostKind,
                F::Title,
                F::Seats,
                F::TermMonths,
                F::Person,
                F::BirthDate,
                F::From,
                F::Until,
                F::Note,
            ],
            Self::Memberships => &[F::Person, F::BirthDate, F::Branch, F::Relation, F::From, F::Until],
        }
    }

    /// The columns of which at least one of each group is needed.
    #[must_use]
    pub fn needed(self) -> &'static [&'static [Field]] {
        match self {
            Self::Persons | Self::Organisations => &[&[Field::Name, Field::Code]],
            Self::Posts => &[&[Field::Organisation], &[Field::PostKind, Field::Code]],
            Self::Memberships => &[&[Field::Person], &[Field::Branch]],
        }
    }

    /// What the header of a column may say for `field`, in normal form (see [`normal`]): what offices write, in Chinese
    /// and English. The labels of the templates are added by who knows them.
    fn words(self, field: Field) -> &'static [&'static str] {
        use Field as F;
        match (self, field) {
            (_, F::Code) => {
                &["编号", "代码", "编码", "code", "no", "number", "人员编号", "单位编号", "组织编号", "职务编号"]
            }
            (Self::Organisations, F::Name) => &[
                "名称",
                "单位名称",
                "组织名称",
                "机构名称",
                "企业名称",
                "单位",
                "全称",
                "name",
                "organisation",
                "organization",
                "organisationname",
                "organizationname",
                "company",
            ],
            (_, F::Name) => &["姓名", "名字", "居民姓名", "人员姓名", "name", "fullname", "personname"],
            (_, F::Place) => &[
                "地点",
                "所在地点",
                "所在地",
                "楼组",
                "居民区",
                "所属居民区",
                "所属楼组",
                "住址",
                "地址",
                "居住地",
                "place",
                "address",
                "area",
                "building",
                "residence",
            ],
            (_, F::BirthDate) => &[
                "出生日期",
                "出生年月日",
                "出生年月",
                "生日",
                "出生",
                "birthdate",
                "dateofbirth",
                "birthday",
                "born",
                "dob",
            ],
            (_, F::Sex) => &["性别", "sex", "gender"],
            (_, F::Phone) => &[
                "电话",
                "手机",
                "联系电话",
                "手机号",
                "手机号码",
                "电话号码",
                "联系方式",
                "phone",
                "mobile",
                "telephone",
                "tel",
                "phonenumber",
                "mobilephone",
            ],
            (_, F::Email) => &["邮箱", "电子邮箱", "电子邮件", "邮件", "email", "mail", "emailaddress"],
            (_, F::Registered) => &["户籍", "本地户籍", "户籍在册", "是否户籍", "在册", "registered", "registeredhere"],
            (_, F::Retired) => &["退休", "是否退休", "已退休", "retired"],
            (_, F::CareGroups) => &["重点人群", "关爱人群", "关爱对象", "人群类别", "caregroup", "caregroups"],
            (_, F::OrganisationKind) => {
                &["类别", "类型", "单位类别", "单位类型", "组织类别", "组织类型", "kind", "type", "organisationkind"]
            }
            (_, F::Line) => &[
                "上级",
                "上级组织",
                "上级单位",
                "隶属",
                "隶属于",
                "隶属单位",
                "主管单位",
                "line",
                "superior",
                "parent",
                "parentorganisation",
                "parentorganization",
            ],
            (_, F::StaffCount) => &[
                "职工人数",
                "职工数",
                "员工人数",
                "员工数",
                "从业人数",
                "人数",
                "staff",
                "staffcount",
                "employees",
                "headcount",
            ],
            (_, F::Contact) => &["联系人", "负责人", "contact", "contactperson"],
            (_, F::Organisation) => &[
                "组织",
                "单位",
                "所属组织",
                "所在组织",
                "所在单位",
                "所属单位",
                "organisation",
                "organization",
                "unit",
            ],
            (_, F::PostKind) => {
                &["职务类别", "岗位类别", "职务类型", "职务", "岗位", "postkind", "kind", "post", "position"]
            }
            (_, F::Title) => &["职务名称", "岗位名称", "职务全称", "title", "posttitle"],
            (_, F::Seats) => &["职数", "名额", "编制", "seats"],
            (_, F::TermMonths) => &["任期", "任期月", "任期月数", "term", "termmonths"],
            (_, F::Person) => {
                &["姓名", "任职人", "任职人员", "人员", "党员", "党员姓名", "person", "name", "holder", "member"]
            }
            (Self::Posts, F::From) => {
                &["任职日期", "任职时间", "任命日期", "开始日期", "起始日期", "起", "from", "since", "start"]
            }
            (Self::Posts, F::Until) => {
                &["免职日期", "离任日期", "届满日期", "结束日期", "截止日期", "止", "until", "end", "to"]
            }
            (_, F::From) => &["转入日期", "转入时间", "开始日期", "起始日期", "起", "from", "since", "start"],
            (_, F::Until) => &["转出日期", "转出时间", "结束日期", "截止日期", "止", "until", "end", "to"],
            (_, F::Note) => &["备注", "任职依据", "依据", "文号", "note", "remark", "remarks"],
            (_, F::Branch) => &[
                "支部",
                "所在支部",
                "所属支部",
                "党支部",
                "所在党支部",
                "党组织",
                "所在党组织",
                "branch",
                "partybranch",
            ],
            (_, F::Relation) => &["关系", "关系类别", "关系类型", "组织关系", "relation"],
        }
    }
}

/// A header's text as it is compared: without spaces and signs, in small letters, and without what stands in brackets.
#[must_use]
pub fn normal(text: &str) -> String {
    let cut = text.find(['(', '（', '[', '【']).filter(|at| *at > 0).and_then(|at| text.get(..at)).unwrap_or(text);
    cut.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Guesses what a column means from its header. `labels` are the headers of the templates, in normal form.
#[must_use]
pub fn guess(kind: RosterKind, header: &str, labels: &[(String, Field)]) -> Option<Field> {
    let header = normal(header);
    if header.is_empty() {
        return None;
    }
    let labelled = labels.iter().find(|(label, field)| *label == header && kind.fields().contains(field));
    labelled.map(|(_, field)| *field).or_else(|| {
        kind.fields()
            .iter()
            .copied()
            .find(|field| field.code().replace('_', "") == header || kind.words(*field).contains(&header.as_str()))
    })
}

/// Guesses all columns of a header; of two that seem to mean the same the first is taken.
#[must_use]
pub fn read_header(kind: RosterKind, header: &[String], labels: &[(String, Field)]) -> Vec<Option<Field>> {
    let mut seen = Vec::new();
    let fields = header.iter().map(|text| {
        let field = guess(kind, text, labels).filter(|field| !seen.contains(field));
        seen.extend(field);
        field
    });
    fields.collect()
}

/// Checks which column means what.
///
/// # Errors
/// `column_twice` when two columns mean the same, `unknown_choice` for one that the roster can't have, `column_needed` when
/// one is missing without which no row can be read.
pub fn check_mapping(kind: RosterKind, mapping: &[Option<Field>]) -> Result<(), Problem> {
    let fields: Vec<Field> = mapping.iter().copied().flatten().collect();
    for (at, field) in fields.iter().enumerate() {
        if !kind.fields().contains(field) {
            return Err(Problem::new(field.code(), "unknown_choice"));
        }
        if fields.iter().take(at).any(|other| other == field) {
            return Err(Problem::new(field.code(), "column_twice"));
        }
    }
    match kind.needed().iter().find(|group| !group.iter().any(|field| fields.contains(field))) {
        Some(group) => Err(Problem::new(group.first().map_or("columns", |field| field.code()), "column_needed")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_offices_are_understood() {
        let guess = |kind, text: &str| guess(kind, text, &[]);
        for text in ["姓名", " 姓 名 ", "名字", "Name*", "姓名（必填）", "*姓名"] {
            assert_eq!(guess(RosterKind::Persons, text), Some(Field::Name), "{text}");
        }
        assert_eq!(guess(RosterKind::Persons, "联系电话"), Some(Field::Phone));
        assert_eq!(guess(RosterKind::Persons, "Date of birth"), Some(Field::BirthDate));
        assert_eq!(guess(RosterKind::Posts, "姓名"), Some(Field::Person));
        assert_eq!(guess(RosterKind::Memberships, "所在党支部"), Some(Field::Branch));
        assert_eq!(guess(RosterKind::Persons, "爱好"), None);
        assert_eq!(guess(RosterKind::Persons, "（）"), None);
        assert_eq!(guess(RosterKind::Persons, "支部"), None, "another roster's column");
    }

    #[test]
    fn every_field_is_known_by_its_code_and_no_two_fields_share_a_word() {
        for kind in RosterKind::ALL {
            let mut seen = std::collections::BTreeMap::new();
            for field in kind.fields() {
                assert_eq!(guess(*kind, field.code(), &[]), Some(*field), "{kind} {field}");
                for word in kind.words(*field) {
                    assert_eq!(normal(word), *word, "{kind} {field}");
                    assert_eq!(seen.insert(*word, *field), None, "{kind} {word}");
                }
            }
        }
    }

    #[test]
    fn of_two_equal_columns_the_first_counts() {
        let header = ["姓名", "名字", "电话"].map(str::to_owned);
        let mapping = read_header(RosterKind::Persons, &header, &[]);
        assert_eq!(mapping, [Some(Field::Name), None, Some(Field::Phone)]);
        check_mapping(RosterKind::Persons, &mapping).unwrap();
        let twice = [Some(Field::Name), Some(Field::Name)];
        assert_eq!(check_mapping(RosterKind::Persons, &twice).unwrap_err().code, "column_twice");
        assert_eq!(check_mapping(RosterKind::Persons, &[Some(Field::Sex)]).unwrap_err().code, "column_needed");
        assert_eq!(check_mapping(RosterKind::Persons, &[Some(Field::Branch)]).unwrap_err().code, "unknown_choice");
    }
}
