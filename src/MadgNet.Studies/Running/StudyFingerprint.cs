using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace MadgNet.Studies.Running;

/// <summary>A hash of everything that a cell's result follows from but its seed and the images themselves.</summary>
internal static class StudyFingerprint
{
    public static string Of(Study study, StudyVariant variant)
    {
        var content = new JsonObject
        {
            ["recipe"] = study.RecipeOf(variant),
            ["start"] = study.Start,
            ["protocol"] = StudyJson.ToNode(study.ProtocolOf(variant)),
            ["train"] = new JsonArray([.. study.TrainOf(variant).Select(name => JsonValue.Create(name))]),
            ["budget"] = StudyJson.ToNode(study.Budget),
            ["metrics"] = new JsonArray([.. study.Metrics.Select(name => JsonValue.Create(name))]),
        };
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(MergePatch.Canonical(content))));
    }
}
