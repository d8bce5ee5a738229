//! Letters of appointment and coverage, on the sample community.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod common;

use axum::http::StatusCode;
use common::site;
use tongxin_app::{
    Slice,
    community::letter::{self, LetterFilter},
};

#[tokio::test]
async fn letters_are_seen_by_their_sides() {
    let site = site().await;
    assert_eq!(site.get("", "/letters").await.0, StatusCode::SEE_OTHER);
    for login in ["resident", "worker"] {
        assert_eq!(site.get(login, "/letters").await.0, StatusCode::FORBIDDEN, "{login}");
    }
    let (_, body) = site.get("staff", "/letters").await;
    assert!(
        body.contains("静党聘〔2024〕2号")
            && body.contains("已到期")
            && body.contains("已撤销")
            && !body.contains("/letters/new\"")
    );
    let (_, body) = site.get("secretary", "/letters").await;
    assert!(body.contains("静党聘〔2024〕1号") && !body.contains("静党聘〔2025〕1号"), "of the own area only");
    assert!(site.get_in("staff", "/letters.xlsx", "en").await.bytes.starts_with(b"PK"));
    let answer = site.get_in("staff", "/letters?on=2025-08-01", "en").await;
    assert!(
        answer.body.contains("静党聘〔2025〕2号") && !answer.body.contains("letter-"),
        "in force before it was revoked"
    );
}

#[tokio::test]
async fn a_letter_is_issued_printed_and_revoked() {
    let site = site().await;
    let secretary = site.viewer("secretary").await;
    let enterprises = letter::enterprises(&site.app, &secretary).await.unwrap();
    let shop = enterprises.iter().find(|s| s.name == "青丝坊美发店").unwrap().organisation.to_string();
    let (_, body) = site.get("secretary", "/letters/new").await;
    assert!(body.contains("青丝坊美发店") && !body.contains("鲜家超市"));
    let (_, body) = site.get("secretary", &format!("/letters/new?enterprise={shop}")).await;
    assert!(body.contains("两新组织专职党群工作者") && body.contains("静党聘〔"));
    let proposal = letter::proposal(&site.app, &secretary, shop.parse().unwrap()).await.unwrap();
    let worker = proposal.workers[0].person.to_string();
    let fields = [
        ("enterprise", shop.as_str()),
        ("person", worker.as_str()),
        ("number", "静党聘〔2024〕1号"),
        ("duties", "联系职工"),
        ("signer", "叶韵如"),
    ];
    let (status, body) = site.post("secretary", "/letters/new", &fields).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        body.contains("已被使用") || body.contains("换一个") || body.contains("f-number-error"),
        "the number is taken"
    );
    let mut fields = fields.to_vec();
    fields[2].1 = &proposal.number;
    let answer = site.post_answer("secretary", "/letters/new", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let path = answer.location().to_owned();
    for lang in ["zh-Hans", "en"] {
        let page = site.get_in("secretary", &path, lang).await;
        assert!(
            page.body.contains("特发此聘书") && page.body.contains("青丝坊美发店") && page.body.contains("data-print")
        );
    }
    let (_, body) = site.get("secretary", "/coverage?way=appointed_worker").await;
    assert!(body.contains("青丝坊美发店"));
    assert_eq!(site.get("staff", &format!("{path}/revoke")).await.0, StatusCode::FORBIDDEN);
    assert_eq!(site.get("secretary", &format!("{path}/revoke")).await.0, StatusCode::OK);
    let (status, _) = site.post("secretary", &format!("{path}/revoke"), &[("reason", "")]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, _) = site.post("secretary", &format!("{path}/revoke"), &[("reason", "工作调整")]).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (_, body) = site.get("secretary", &path).await;
    assert!(body.contains("工作调整"));
    let found =
        letter::list(&site.app, &secretary, LetterFilter::default(), Slice { offset: 0, limit: 100 }).await.unwrap();
    assert!(found.rows.iter().all(|view| view.letter.revoked.is_none() || view.letter.number == proposal.number));
}

#[tokio::test]
async fn coverage_is_counted_by_size_and_way_on_any_day() {
    let site = site().await;
    assert_eq!(site.get("resident", "/coverage").await.0, StatusCode::FORBIDDEN);
    let (status, body) = site.get("staff", "/coverage").await;
    assert_eq!(status, StatusCode::OK);
    for word in ["单独组建", "联合组建", "聘任指导", "未覆盖", "data-chart", "汇信咨询有限公司党支部"]
    {
        assert!(body.contains(word), "{word}");
    }
    let (_, body) = site.get("staff", "/coverage?way=own_branch").await;
    assert!(body.contains("美丽园龙都大酒店党支部") && !body.contains("青丝坊美发店"));
    let (_, body) = site.get("staff", "/coverage?way=own_branch&on=2006-01-01").await;
    assert!(!body.contains("美丽园龙都大酒店党支部"), "the branch was founded later");
    let (_, body) = site.get("worker", "/coverage").await;
    assert!(body.contains("康宁大药房") && !body.contains("鲜家超市"), "of the own area");
    let answer = site.get_in("staff", "/coverage?size_class=large", "en").await;
    assert!(answer.body.contains("Own branch") && !answer.body.contains("coverage-"));
    let csv = site.get_in("staff", "/coverage.csv?way=nothing", "zh-Hans").await;
    assert!(csv.body.contains("青丝坊美发店") && !csv.body.contains("东廊贸易集团"));
}
