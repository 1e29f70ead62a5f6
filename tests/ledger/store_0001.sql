-- A store of revision 0001, as sqlite3 dumps it. It is never changed: newer steps start from it.
BEGIN TRANSACTION;
CREATE TABLE clienteling_campaigns (
	id TEXT NOT NULL, 
	created_at VARCHAR(32) NOT NULL, 
	content TEXT NOT NULL, 
	CONSTRAINT pk_clienteling_campaigns PRIMARY KEY (id)
);
INSERT INTO "clienteling_campaigns" VALUES('spring','2026-02-20T00:00:00.000000+00:00','{"catalogue": "fine", "catalogue_fingerprint": "0ac854fb514c06cb", "cost": 375.0, "counts": {"holdout": {"wine": 20}, "nothing": {"nothing": 30}, "offer": {"wine": 150}}, "customers": 200, "day": "2026-03-01", "decisions": null, "digest": "", "features": ["Age", "Income"], "global_holdout": 0.0, "holdout": 0.0, "id": "spring", "model_fingerprint": "model-1", "plan": {"policy": {"explore": 0.0, "kind": "strategy"}, "shop": "tests"}, "planned_size": null, "policy": "strategy", "profit": [10.0, 75.5, 140.25], "salt": "spring:", "smallest_lift": null}');
CREATE TABLE clienteling_consents (
	customer_id TEXT NOT NULL, 
	consent TEXT NOT NULL, 
	given BOOLEAN NOT NULL, 
	said_at VARCHAR(32) NOT NULL, 
	source TEXT NOT NULL, 
	CONSTRAINT pk_clienteling_consents PRIMARY KEY (customer_id, consent)
);
INSERT INTO "clienteling_consents" VALUES('1','email',1,'2026-11-27T11:38:10.346629+00:00','');
CREATE TABLE clienteling_counters (
	kind TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	"limit" BIGINT NOT NULL, 
	reserved BIGINT NOT NULL, 
	confirmed BIGINT NOT NULL, 
	CONSTRAINT pk_clienteling_counters PRIMARY KEY (kind, owner, "key")
);
INSERT INTO "clienteling_counters" VALUES('budget','spring','',100000000,5000000,2500000);
INSERT INTO "clienteling_counters" VALUES('stock','fine','wine',10000000,2000000,1000000);
CREATE TABLE clienteling_decisions (
	id TEXT NOT NULL, 
	campaign TEXT NOT NULL, 
	asked_by TEXT, 
	customer_id TEXT NOT NULL, 
	whole_id BOOLEAN NOT NULL, 
	segment_id BIGINT, 
	arm TEXT NOT NULL, 
	offer TEXT NOT NULL, 
	propensity DOUBLE NOT NULL, 
	reason TEXT NOT NULL, 
	from_batch BOOLEAN NOT NULL, 
	day DATE NOT NULL, 
	features TEXT NOT NULL, 
	replay TEXT NOT NULL, 
	model_fingerprint TEXT NOT NULL, 
	catalogue_fingerprint TEXT NOT NULL, 
	decided_at VARCHAR(32) NOT NULL, 
	reservation TEXT, 
	CONSTRAINT pk_clienteling_decisions PRIMARY KEY (id), 
	CONSTRAINT fk_clienteling_decisions_campaign FOREIGN KEY(campaign) REFERENCES clienteling_campaigns (id), 
	CONSTRAINT fk_clienteling_decisions_reservation FOREIGN KEY(reservation) REFERENCES clienteling_reservations (id), 
	CONSTRAINT uq_clienteling_decisions_campaign UNIQUE (campaign, asked_by)
);
INSERT INTO "clienteling_decisions" VALUES('db1785d004f3421d85e63110e978d708','spring','key-1','1',1,1,'offer','wine',1.0,'Premium Customers: They like it.',0,'2026-03-01','{"Annual Income (k$)": 86, "Spending Score (1-100)": 82, "Age": 40}','{"out": false, "consents": [], "contacts": [], "sold_out": []}','model-1','0ac854fb514c06cb','2026-03-01T12:00:00.000000+00:00','db1785d004f3421d85e63110e978d708');
INSERT INTO "clienteling_decisions" VALUES('8f7fd64a1b2d4d51b9d0503fb1803562','spring','key-2','2',1,1,'offer','wine',1.0,'Premium Customers: They like it.',0,'2026-03-01','{"Annual Income (k$)": 86, "Spending Score (1-100)": 82, "Age": 40}','{"out": false, "consents": [], "contacts": [], "sold_out": []}','model-1','0ac854fb514c06cb','2026-03-01T12:00:00.000000+00:00','8f7fd64a1b2d4d51b9d0503fb1803562');
INSERT INTO "clienteling_decisions" VALUES('188a3ac7b4d643ce88471388f3767680','spring','key-3','3',1,1,'offer','wine',1.0,'Premium Customers: They like it.',0,'2026-03-01','{"Annual Income (k$)": 86, "Spending Score (1-100)": 82, "Age": 40}','{"out": false, "consents": [], "contacts": [], "sold_out": []}','model-1','0ac854fb514c06cb','2026-03-01T12:00:00.000000+00:00','188a3ac7b4d643ce88471388f3767680');
CREATE TABLE clienteling_documents (
	fingerprint TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	content TEXT NOT NULL, 
	kept_at VARCHAR(32) NOT NULL, 
	CONSTRAINT pk_clienteling_documents PRIMARY KEY (fingerprint)
);
INSERT INTO "clienteling_documents" VALUES('model-1','model','{
  "schema_version": 1,
  "kind": "kmeans",
  "playbook": "income-spending",
  "features": [
    {
      "name": "Annual Income (k$)",
      "label": "income",
      "unit": "k$",
      "aliases": [
        "income",
        "Annual Income",
        "Income",
        "Yearly Income",
        "Household Income",
        "Salary",
        "Annual Salary"
      ],
      "level": null,
      "steps": null,
      "mean": 60.56,
      "scale": 26.198977079267816,
      "low": 15.0,
      "high": 137.0,
      "median": null,
      "bins": {
        "edges": [
          23.0,
          37.0,
          46.0,
          54.0,
          61.0,
          67.0,
          74.0,
          78.0,
          93.0
        ],
        "shares": [
          0.1,
          0.1,
          0.11,
          0.12,
          0.07,
          0.11,
          0.09,
          0.1,
          0.1,
          0.1
        ]
      }
    },
    {
      "name": "Spending Score (1-100)",
      "label": "spending",
      "unit": "",
      "aliases": [
        "spending",
        "Spending Score",
        "Spending",
        "Score",
        "Spend Score",
        "Spend",
        "Total Spend",
        "Total Spending",
        "Annual Spend",
        "Annual Spending"
      ],
      "level": null,
      "steps": null,
      "mean": 50.2,
      "scale": 25.75888196331509,
      "low": 1.0,
      "high": 99.0,
      "median": null,
      "bins": {
        "edges": [
          13.0,
          26.0,
          40.0,
          45.0,
          50.0,
          55.0,
          61.0,
          75.0,
          87.0
        ],
        "shares": [
          0.105,
          0.1,
          0.11,
          0.085,
          0.115,
          0.095,
          0.09,
          0.11,
          0.09,
          0.1
        ]
      }
    }
  ],
  "segments": [
    {
      "id": 0,
      "name": "Average Customers",
      "key": "average",
      "size": 81,
      "share": 0.405,
      "centre": [
        -0.20091256569971463,
        -0.026456174707117586
      ],
      "description": "The broad middle, in income as in spending. Small nudges, well timed, move them.",
      "strategy": "Seasonal and personalized offers",
      "explanation": "income 55 k$, near the middle; spending 50, near the middle",
      "fit": "",
      "stability": 0.9735506844113765,
      "warning": "",
      "profile": [
        {
          "column": "Age",
          "level": "",
          "value": 42.71604938,
          "low": 39.13414497,
          "high": 46.29795379,
          "overall": 38.85,
          "effect": 0.4748186867,
          "effect_low": 0.1886862819,
          "effect_high": 0.7609510915
        },
        {
          "column": "Gender",
          "level": "Female",
          "value": 0.5925925925925926,
          "low": 0.4837631326834876,
          "high": 0.6930372218660651,
          "overall": 0.56,
          "effect": 0.05477746654,
          "effect_low": -0.08454701779,
          "effect_high": 0.1892157822
        }
      ],
      "traits": [],
      "typical": {
        "Annual Income (k$)": 54.0,
        "Spending Score (1-100)": 51.0
      },
      "rule": {
        "conditions": [
          {
            "feature": "Annual Income (k$)",
            "above": 39.0,
            "up_to": 68.0
          }
        ],
        "words": "income above 39, up to 68 k$",
        "recall": 0.9382716049382716,
        "precision": 1.0
      }
    },
    {
      "id": 1,
      "name": "Premium Customers",
      "key": "premium",
      "size": 39,
      "share": 0.195,
      "centre": [
        0.9915830476839196,
        1.2395027537948338
      ],
      "description": "They earn well and spend gladly. Few customers bring more, and none are missed more.",
      "strategy": "VIP offers, loyalty rewards and luxury products",
      "explanation": "income 87 k$, above 84 % of customers; spending 82, above 86 %",
      "fit": "",
      "stability": 1.0,
      "warning": "",
      "profile": [
        {
          "column": "Age",
          "level": "",
          "value": 32.69230769,
          "low": 31.52208785,
          "high": 33.86252753,
          "overall": 38.85,
          "effect": -0.557488279,
          "effect_low": -0.9115273797,
          "effect_high": -0.2034491783
        },
        {
          "column": "Gender",
          "level": "Female",
          "value": 0.5384615384615384,
          "low": 0.3856944827051576,
          "high": 0.6843311439327215,
          "overall": 0.56,
          "effect": -0.02675585284,
          "effect_low": -0.1965769034,
          "effect_high": 0.138288104
        }
      ],
      "traits": [
        {
          "feature": "Spending Score (1-100)",
          "value": 82.12820512820514,
          "overall": 50.2,
          "difference": 1.2395027537948338
        },
        {
          "feature": "Annual Income (k$)",
          "value": 86.53846153846153,
          "overall": 60.56,
          "difference": 0.9915830476839196
        }
      ],
      "typical": {
        "Annual Income (k$)": 88.0,
        "Spending Score (1-100)": 86.0
      },
      "rule": {
        "conditions": [
          {
            "feature": "Annual Income (k$)",
            "above": 50.0,
            "up_to": null
          },
          {
            "feature": "Spending Score (1-100)",
            "above": 60.0,
            "up_to": null
          }
        ],
        "words": "income above 50 k$ and spending above 60",
        "recall": 1.0,
        "precision": 1.0
      }
    },
    {
      "id": 2,
      "name": "Potential Customers",
      "key": "potential",
      "size": 35,
      "share": 0.175,
      "centre": [
        1.0550030223077875,
        -1.284439065827229
      ],
      "description": "They could spend far more than they do. The shop has not won them over yet.",
      "strategy": "Discounts, free trials and onboarding offers",
      "explanation": "income 88 k$, above 89 % of customers; spending 17, below 83 %",
      "fit": "",
      "stability": 0.9661152656415812,
      "warning": "",
      "profile": [
        {
          "column": "Gender",
          "level": "Female",
          "value": 0.45714285714285713,
          "low": 0.3046601928840721,
          "high": 0.6181027493151624,
          "overall": 0.56,
          "effect": -0.1246753247,
          "effect_low": -0.2935435187,
          "effect_high": 0.05344757312
        },
        {
          "column": "Age",
          "level": "",
          "value": 41.11428571,
          "low": 37.35685221,
          "high": 44.87171922,
          "overall": 38.85,
          "effect": 0.1957885363,
          "effect_low": -0.169458877,
          "effect_high": 0.5610359497
        }
      ],
      "traits": [
        {
          "feature": "Spending Score (1-100)",
          "value": 17.114285714285707,
          "overall": 50.2,
          "difference": -1.284439065827229
        },
        {
          "feature": "Annual Income (k$)",
          "value": 88.2,
          "overall": 60.56,
          "difference": 1.0550030223077875
        }
      ],
      "typical": {
        "Annual Income (k$)": 88.0,
        "Spending Score (1-100)": 15.0
      },
      "rule": {
        "conditions": [
          {
            "feature": "Annual Income (k$)",
            "above": 50.0,
            "up_to": null
          },
          {
            "feature": "Spending Score (1-100)",
            "above": null,
            "up_to": 39.0
          }
        ],
        "words": "income above 50 k$ and spending up to 39",
        "recall": 1.0,
        "precision": 0.9459459459459459
      }
    },
    {
      "id": 3,
      "name": "Low-Value Customers",
      "key": "low-value",
      "size": 23,
      "share": 0.115,
      "centre": [
        -1.3075186893850437,
        -1.1369653606646672
      ],
      "description": "They have little to spend and spend little of it. Keep in touch at little cost.",
      "strategy": "Minimal marketing and automated emails",
      "explanation": "income 26 k$, below 88 % of customers; spending 21, below 82 %",
      "fit": "",
      "stability": 0.974417391304348,
      "warning": "",
      "profile": [
        {
          "column": "Age",
          "level": "",
          "value": 45.2173913,
          "low": 39.81111432,
          "high": 50.62366829,
          "overall": 38.85,
          "effect": 0.5188981672,
          "effect_low": 0.08150939406,
          "effect_high": 0.9562869403
        },
        {
          "column": "Gender",
          "level": "Female",
          "value": 0.6086956521739131,
          "low": 0.4078552239138171,
          "high": 0.7784237720752205,
          "overall": 0.56,
          "effect": 0.05502333579,
          "effect_low": -0.1581047719,
          "effect_high": 0.2400228065
        }
      ],
      "traits": [
        {
          "feature": "Annual Income (k$)",
          "value": 26.304347826086946,
          "overall": 60.56,
          "difference": -1.3075186893850437
        },
        {
          "feature": "Spending Score (1-100)",
          "value": 20.913043478260867,
          "overall": 50.2,
          "difference": -1.1369653606646672
        }
      ],
      "typical": {
        "Annual Income (k$)": 28.0,
        "Spending Score (1-100)": 14.0
      },
      "rule": {
        "conditions": [
          {
            "feature": "Annual Income (k$)",
            "above": null,
            "up_to": 39.0
          },
          {
            "feature": "Spending Score (1-100)",
            "above": null,
            "up_to": 50.0
          }
        ],
        "words": "income up to 39 k$ and spending up to 50",
        "recall": 1.0,
        "precision": 1.0
      }
    },
    {
      "id": 4,
      "name": "Deal Seekers",
      "key": "deal-seekers",
      "size": 22,
      "share": 0.11,
      "centre": [
        -1.329545316496027,
        1.1321778796599247
      ],
      "description": "They love to buy and watch the price. A good deal brings them in at once.",
      "strategy": "Flash sales, coupons and bundle offers",
      "explanation": "income 26 k$, below 88 % of customers; spending 79, above 85 %",
      "fit": "",
      "stability": 0.98515784939698,
      "warning": "",
      "profile": [
        {
          "column": "Age",
          "level": "",
          "value": 25.27272727,
          "low": 23.07599465,
          "high": 27.4694599,
          "overall": 38.85,
          "effect": -1.155095485,
          "effect_low": -1.6122679,
          "effect_high": -0.6979230694
        },
        {
          "column": "Gender",
          "level": "Female",
          "value": 0.5909090909090909,
          "low": 0.3873481847631513,
          "high": 0.7674418380352814,
          "overall": 0.56,
          "effect": 0.03472931563,
          "effect_low": -0.1808700469,
          "effect_high": 0.2259169505
        }
      ],
      "traits": [
        {
          "feature": "Annual Income (k$)",
          "value": 25.72727272727272,
          "overall": 60.56,
          "difference": -1.329545316496027
        },
        {
          "feature": "Spending Score (1-100)",
          "value": 79.36363636363636,
          "overall": 50.2,
          "difference": 1.1321778796599247
        }
      ],
      "typical": {
        "Annual Income (k$)": 28.0,
        "Spending Score (1-100)": 82.0
      },
      "rule": {
        "conditions": [
          {
            "feature": "Annual Income (k$)",
            "above": null,
            "up_to": 38.0
          },
          {
            "feature": "Spending Score (1-100)",
            "above": 50.0,
            "up_to": null
          }
        ],
        "words": "income up to 38 k$ and spending above 50",
        "recall": 0.9545454545454546,
        "precision": 1.0
      }
    }
  ],
  "retired": [],
  "catalogue": "",
  "catalogue_fingerprint": "",
  "id": "CustomerID",
  "why_k": "The number of segments was given: 5. For comparison, the elbow points to 5 and the silhouette points to 5. When customers are drawn anew, 100 times, the same segments come out (adjusted Rand index 0.97 of 1; 0.63 in tables without groups).",
  "elbow_k": 5,
  "silhouette_k": 5,
  "inertia": 65.56840815571681,
  "silhouette": 0.554657163111109,
  "choose_k": [
    {
      "k": 2,
      "inertia": 269.0167937490666,
      "silhouette": 0.29512063001659355,
      "calinski_harabasz": 96.4054120051559,
      "davies_bouldin": 1.2910239103637724,
      "silhouette_error": null,
      "stability": null,
      "stability_low": null,
      "stability_reference": null,
      "least_jaccard": null
    },
    {
      "k": 3,
      "inertia": 157.7040081503595,
      "silhouette": 0.46658474419000134,
      "calinski_harabasz": 151.33512126359477,
      "davies_bouldin": 0.7164821569435488,
      "silhouette_error": null,
      "stability": null,
      "stability_low": null,
      "stability_reference": null,
      "least_jaccard": null
    },
    {
      "k": 4,
      "inertia": 108.92131661364358,
      "silhouette": 0.4939069237513199,
      "calinski_harabasz": 174.59521459297636,
      "davies_bouldin": 0.7095564965521564,
      "silhouette_error": null,
      "stability": null,
      "stability_low": null,
      "stability_reference": null,
      "least_jaccard": null
    },
    {
      "k": 5,
      "inertia": 65.56840815571681,
      "silhouette": 0.554657163111109,
      "calinski_harabasz": 248.6493200153637,
      "davies_bouldin": 0.5722356162263352,
      "silhouette_error": null,
      "stability": 0.9687212830978298,
      "stability_low": 0.9287741920003519,
      "stability_reference": 0.6309944594686031,
      "least_jaccard": 0.9661152656415812
    },
    {
      "k": 6,
      "inertia": 55.057348270385994,
      "silhouette": 0.5398800926790663,
      "calinski_harabasz": 243.0878948506831,
      "davies_bouldin": 0.6545674732339849,
      "silhouette_error": null,
      "stability": null,
      "stability_low": null,
      "stability_reference": null,
      "least_jaccard": null
    },
    {
      "k": 7,
      "inertia": 44.864755699225576,
      "silhouette": 0.528149278110829,
      "calinski_harabasz": 254.621179742776,
      "davies_bouldin": 0.7147841166477832,
      "silhouette_error": null,
      "stability": null,
      "stability_low": null,
      "stability_reference": null,
      "least_jaccard": null
    },
    {
      "k": 8,
      "inertia": 37.151357067931066,
      "silhouette": 0.4564409343885923,
      "calinski_harabasz": 267.8884623844162,
      "davies_bouldin": 0.7577596875305785,
      "silhouette_error": null,
      "stability": null,
      "stability_low": null,
      "stability_reference": null,
      "least_jaccard": null
    },
    {
      "k": 9,
      "inertia": 32.33704843502527,
      "silhouette": 0.459582368572369,
      "calinski_harabasz": 271.4518916669619,
      "davies_bouldin": 0.7579238892332559,
      "silhouette_error": null,
      "stability": null,
      "stability_low": null,
      "stability_reference": null,
      "least_jaccard": null
    },
    {
      "k": 10,
      "inertia": 29.061152995353446,
      "silhouette": 0.4505029621610447,
      "calinski_harabasz": 269.4638858889948,
      "davies_bouldin": 0.7536548682088833,
      "silhouette_error": null,
      "stability": null,
      "stability_low": null,
      "stability_reference": null,
      "least_jaccard": null
    }
  ],
  "structure": null,
  "associations": [
    {
      "column": "Age",
      "measure": "eta squared",
      "value": 0.1859708561
    },
    {
      "column": "Gender",
      "measure": "Cramér''s V",
      "value": 0.0
    }
  ],
  "method": {
    "sketch": "exact",
    "points": 196,
    "error": 0.0,
    "passes": 0,
    "judged": 200
  },
  "notes": [
    "Column \"CustomerID\" is taken as the customer id."
  ],
  "provenance": {
    "source": "Mall_Customers.csv",
    "rows": 200,
    "usable": 200,
    "date": "2026-11-27",
    "seed": 0,
    "versions": {
      "clienteling": "0.1.0",
      "duckdb": "2.0.1",
      "numpy": "2.4.6",
      "scikit-learn": "1.9.1"
    }
  }
}
','2026-11-27T11:38:10.161133+00:00');
INSERT INTO "clienteling_documents" VALUES('0ac854fb514c06cb','catalogue','{"catalogue":"fine","offers":[{"id":"wine","title":"Wine","text":"…","channel":"email","segments":["premium"],"reason":"They like it.","priority":1,"cost":2.5,"value":null,"response":null,"response_weight":100.0,"valid_from":null,"valid_until":null,"eligibility":null,"consent":null,"stock":10,"customer_cap":null,"exclusive_group":null},{"id":"beer","title":"Beer","text":"…","channel":"email","segments":["premium"],"reason":"They like it.","priority":2,"cost":2.5,"value":null,"response":null,"response_weight":100.0,"valid_from":null,"valid_until":null,"eligibility":null,"consent":null,"stock":null,"customer_cap":null,"exclusive_group":null}],"contact_policy":null,"opt_outs":null,"consents":{}}','2026-11-27T11:38:10.173829+00:00');
CREATE TABLE clienteling_erasures (
	person TEXT NOT NULL, 
	campaign TEXT NOT NULL, 
	segment_id BIGINT, 
	arm TEXT NOT NULL, 
	offer TEXT NOT NULL, 
	CONSTRAINT pk_clienteling_erasures PRIMARY KEY (person, campaign), 
	CONSTRAINT fk_clienteling_erasures_campaign FOREIGN KEY(campaign) REFERENCES clienteling_campaigns (id), 
	CONSTRAINT fk_clienteling_erasures_person FOREIGN KEY(person) REFERENCES clienteling_forgotten (person)
);
CREATE TABLE clienteling_forgotten (
	person TEXT NOT NULL, 
	forgotten_at VARCHAR(32) NOT NULL, 
	contact_again BOOLEAN NOT NULL, 
	CONSTRAINT pk_clienteling_forgotten PRIMARY KEY (person)
);
INSERT INTO "clienteling_forgotten" VALUES('3ae8ab544591bffa2ff21df1062a0daefde95466b3135be39ffaa674a79f6dd7','2026-11-27T11:38:10.355589+00:00',0);
CREATE TABLE clienteling_forgotten_sums (
	campaign TEXT NOT NULL, 
	from_batch BOOLEAN NOT NULL, 
	segment_id BIGINT NOT NULL, 
	arm TEXT NOT NULL, 
	offer TEXT NOT NULL, 
	name TEXT NOT NULL, 
	customers BIGINT NOT NULL, 
	total DOUBLE NOT NULL, 
	squares DOUBLE NOT NULL, 
	CONSTRAINT pk_clienteling_forgotten_sums PRIMARY KEY (campaign, from_batch, segment_id, arm, offer, name), 
	CONSTRAINT fk_clienteling_forgotten_sums_campaign FOREIGN KEY(campaign) REFERENCES clienteling_campaigns (id)
);
INSERT INTO "clienteling_forgotten_sums" VALUES('spring',0,1,'offer','wine','',1,0.0,0.0);
INSERT INTO "clienteling_forgotten_sums" VALUES('spring',0,1,'offer','wine','spend',1,2.5,6.25);
CREATE TABLE clienteling_opt_outs (
	customer_id TEXT NOT NULL, 
	out BOOLEAN NOT NULL, 
	said_at VARCHAR(32) NOT NULL, 
	source TEXT NOT NULL, 
	CONSTRAINT pk_clienteling_opt_outs PRIMARY KEY (customer_id)
);
INSERT INTO "clienteling_opt_outs" VALUES('2',1,'2026-11-27T11:38:10.349817+00:00','');
CREATE TABLE clienteling_outcomes (
	outcome_id TEXT NOT NULL, 
	campaign TEXT NOT NULL, 
	customer_id TEXT NOT NULL, 
	whole_id BOOLEAN NOT NULL, 
	decision_id TEXT, 
	name TEXT NOT NULL, 
	value DOUBLE NOT NULL, 
	happened_at VARCHAR(32) NOT NULL, 
	taken_in_at VARCHAR(32) NOT NULL, 
	intake TEXT NOT NULL, 
	CONSTRAINT pk_clienteling_outcomes PRIMARY KEY (outcome_id), 
	CONSTRAINT fk_clienteling_outcomes_campaign FOREIGN KEY(campaign) REFERENCES clienteling_campaigns (id)
);
INSERT INTO "clienteling_outcomes" VALUES('till-1','spring','1',1,'db1785d004f3421d85e63110e978d708','spend',2.5,'2026-03-01T12:00:00.000000+00:00','2026-03-01T12:00:00.000000+00:00','93f77580b8f14a74b0416cef245610e0');
INSERT INTO "clienteling_outcomes" VALUES('till-2','spring','2',1,'8f7fd64a1b2d4d51b9d0503fb1803562','spend',2.5,'2026-03-01T12:00:00.000000+00:00','2026-03-01T12:00:00.000000+00:00','723444965ca44896ae431c6577c91456');
INSERT INTO "clienteling_outcomes" VALUES('till-3','spring','3',1,'188a3ac7b4d643ce88471388f3767680','spend',2.5,'2026-03-01T12:00:00.000000+00:00','2026-03-01T12:00:00.000000+00:00','c1ca8a4849d24360986184536134e89e');
CREATE TABLE clienteling_receipts (
	id TEXT NOT NULL, 
	person TEXT NOT NULL, 
	content TEXT NOT NULL, 
	made_at VARCHAR(32) NOT NULL, 
	CONSTRAINT pk_clienteling_receipts PRIMARY KEY (id), 
	CONSTRAINT fk_clienteling_receipts_person FOREIGN KEY(person) REFERENCES clienteling_forgotten (person)
);
INSERT INTO "clienteling_receipts" VALUES('516aa51f7e294ce986f6f73ca5364b22','3ae8ab544591bffa2ff21df1062a0daefde95466b3135be39ffaa674a79f6dd7','{"id": "516aa51f7e294ce986f6f73ca5364b22", "made_at": "2026-11-27T11:38:10.369498+00:00", "erased": {"decisions": 1, "outcomes": 1}, "files": 0, "campaigns": []}','2026-11-27T11:38:10.369498+00:00');
CREATE TABLE clienteling_reservations (
	id TEXT NOT NULL, 
	state TEXT NOT NULL, 
	made_at VARCHAR(32) NOT NULL, 
	expires_at VARCHAR(32) NOT NULL, 
	CONSTRAINT pk_clienteling_reservations PRIMARY KEY (id)
);
INSERT INTO "clienteling_reservations" VALUES('db1785d004f3421d85e63110e978d708','confirmed','2026-03-01T12:00:00.000000+00:00','2026-03-01T12:30:00.000000+00:00');
INSERT INTO "clienteling_reservations" VALUES('8f7fd64a1b2d4d51b9d0503fb1803562','reserved','2026-03-01T12:00:00.000000+00:00','2026-03-01T12:30:00.000000+00:00');
INSERT INTO "clienteling_reservations" VALUES('188a3ac7b4d643ce88471388f3767680','reserved','2026-03-01T12:00:00.000000+00:00','2026-03-01T12:30:00.000000+00:00');
INSERT INTO "clienteling_reservations" VALUES('42995ba299644305822364cfda51455c','released','2026-03-01T12:00:00.000000+00:00','2026-03-01T12:30:00.000000+00:00');
CREATE TABLE clienteling_reserved_amounts (
	reservation TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	amount BIGINT NOT NULL, 
	CONSTRAINT pk_clienteling_reserved_amounts PRIMARY KEY (reservation, kind, owner, "key"), 
	CONSTRAINT fk_clienteling_reserved_amounts_reservation FOREIGN KEY(reservation) REFERENCES clienteling_reservations (id)
);
INSERT INTO "clienteling_reserved_amounts" VALUES('db1785d004f3421d85e63110e978d708','budget','spring','',2500000);
INSERT INTO "clienteling_reserved_amounts" VALUES('db1785d004f3421d85e63110e978d708','stock','fine','wine',1000000);
INSERT INTO "clienteling_reserved_amounts" VALUES('8f7fd64a1b2d4d51b9d0503fb1803562','budget','spring','',2500000);
INSERT INTO "clienteling_reserved_amounts" VALUES('8f7fd64a1b2d4d51b9d0503fb1803562','stock','fine','wine',1000000);
INSERT INTO "clienteling_reserved_amounts" VALUES('188a3ac7b4d643ce88471388f3767680','budget','spring','',2500000);
INSERT INTO "clienteling_reserved_amounts" VALUES('188a3ac7b4d643ce88471388f3767680','stock','fine','wine',1000000);
INSERT INTO "clienteling_reserved_amounts" VALUES('42995ba299644305822364cfda51455c','budget','spring','',2500000);
INSERT INTO "clienteling_reserved_amounts" VALUES('42995ba299644305822364cfda51455c','stock','fine','wine',1000000);
CREATE TABLE clienteling_schema (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT clienteling_schema_pkc PRIMARY KEY (version_num)
);
INSERT INTO "clienteling_schema" VALUES('0001');
CREATE TABLE clienteling_settings (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_clienteling_settings PRIMARY KEY ("key")
);
INSERT INTO "clienteling_settings" VALUES('hash key','210670db4867e820a4394216c6a5b044cfc8b03fa3f37efe2c3043196b22a4b8');
CREATE INDEX ix_clienteling_reservations_state ON clienteling_reservations (state, expires_at);
CREATE INDEX ix_clienteling_decisions_customer_id ON clienteling_decisions (customer_id);
CREATE INDEX ix_clienteling_decisions_reservation ON clienteling_decisions (reservation);
CREATE INDEX ix_clienteling_outcomes_campaign ON clienteling_outcomes (campaign, customer_id);
CREATE INDEX ix_clienteling_outcomes_customer_id ON clienteling_outcomes (customer_id);
CREATE INDEX ix_clienteling_receipts_person ON clienteling_receipts (person);
COMMIT;
