using System.Text.Json;
using System.Text.Json.Nodes;
using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Losses;
using MadgNet.Core.Models;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Recipes;
using MadgNet.Core.Weights;

namespace MadgNet.Studies.Recipes;

/// <summary>The recipe of a study's variant, from its JSON.</summary>
internal static class StudyRecipe
{
    private const string AllStages = "all";
    private const string LastStage = "last";

    private static readonly string[] Augmentations = ["none", "published", "strong"];

    /// <summary>Everything that is wrong with a recipe; empty when nothing is.</summary>
    public static IReadOnlyList<Problem> Validate(JsonObject recipe, ModelRegistry registry)
    {
        var problems = new List<Problem>();
        Recipe read = Read(recipe, registry, problems);
        if (problems.Count == 0)
        {
            problems.AddRange(read.Validate());
        }

        return [.. problems.Select(problem => problem with { Subject = $"recipe, {problem.Subject}" })];
    }

    /// <summary>The recipe, without budget and output.</summary>
    /// <exception cref="StudyException">The JSON is no recipe; lists all that is wrong with it.</exception>
    public static Recipe Create(JsonObject recipe, long seed, ModelRegistry registry)
    {
        StudyException.ThrowIfAny("recipe", Validate(recipe, registry));
        return Read(recipe, registry, []) with { Seed = seed };
    }

    /// <summary>
    /// The recipe on an encoder that has learned before: it learns at a tenth of the rate unless the recipe gives it a rate of its own, and
    /// keeps the statistics of its normalisations.
    /// </summary>
    public static Recipe StartFrom(Recipe recipe, PretrainedEncoder? pretrained)
    {
        if (pretrained is null)
        {
            return recipe;
        }

        Recipe started = recipe.WithPretrained(pretrained);
        return started with
        {
            Trainer = started.Trainer with
            {
                FrozenNormalization = FrozenNormalization.Encoder,
                Optimizer = started.Trainer.Optimizer.EncoderRateMultiplier == 1
                    ? started.Trainer.Optimizer with { EncoderRateMultiplier = 0.1 }
                    : started.Trainer.Optimizer,
            },
        };
    }

    private static Recipe Read(JsonObject recipe, ModelRegistry registry, List<Problem> problems)
    {
        using JsonDocument document = JsonDocument.Parse(recipe.ToJsonString());
        var fields = new JsonFields(document.RootElement, "", problems);
        string architecture = fields.Text("model", MadgNetModel.ArchitectureName);
        NetworkOptions network = architecture switch
        {
            MadgNetModel.ArchitectureName => MadgNet(fields, problems),
            UNet.ArchitectureName => UNetwork(fields, problems),
            _ => Unknown(architecture, problems),
        };
        network = network with { BatchNormMomentum = fields.Number("batchNormMomentum") ?? 0.3 };
        double rate = fields.Number("learningRate") ?? 1e-3;
        double encoderRate = fields.Number("encoderRate") ?? 1;
        Checks.Within(problems, "learningRate", rate, 0, double.MaxValue, includeLeast: false, includeMost: true);
        Checks.Within(problems, "encoderRate", encoderRate, 0, double.MaxValue, includeLeast: true, includeMost: true);
        string augmentation = Choice(fields, problems, "augmentation", "published", Augmentations);
        int size = fields.Small("size") ?? PublishedRecipe.Size;
        string? weights = fields.Text("encoderWeights") is { Length: > 0 } file ? file : null;
        var result = new Recipe
        {
            Name = "study",
            Registry = registry,
            Model = network,
            Size = size,
            BatchSize = fields.Small("batch") ?? 4,
            Augmentation = Augmentation(augmentation),
            Weights = weights,
            WeightMode = weights is null ? WeightLoadMode.Everything : WeightLoadMode.Encoder,
            Trainer = new TrainerOptions
            {
                Optimizer = new AdamOptions { EncoderRateMultiplier = Math.Max(0, encoderRate) },
                Schedule = rate > 0 && double.IsFinite(rate)
                    ? new CosineAnnealingSchedule(rate, Math.Min(1e-6, rate), ScheduleUnit.Step)
                    : new CosineAnnealingSchedule(),
                Loss = new DeepSupervisionLoss(Loss(fields, problems, network)),
            },
        };
        string? details = fields.Object("details");
        fields.RefuseOthers();
        return details is null || problems.Count > 0 ? result : WithDetails(result, details, problems);
    }

    /// <summary>The recipe with changes of its own JSON, by the rules of RFC 7396: whatever the short names do not reach.</summary>
    private static Recipe WithDetails(Recipe recipe, string details, List<Problem> problems)
    {
        try
        {
            return Recipe.FromJson(MergePatch.Apply(recipe.ToJson(), details), recipe.Registry);
        }
        catch (InvalidOptionsException exception)
        {
            problems.AddRange(exception.Problems.Select(problem => problem with { Subject = $"details, {problem.Subject}" }));
            return recipe;
        }
    }

    private static MadgNetOptions MadgNet(JsonFields fields, List<Problem> problems) => new()
    {
        Encoder = fields.Text("encoder", EncoderNames.ResNet18),
        ChannelAttention = fields.Text("channelAttention", AttentionNames.Cosine),
        SpatialAttention = fields.Text("spatialAttention", AttentionNames.MultiScaleSpatial),
        SubDecoder = fields.Text("subDecoder", SubDecoderNames.Ensemble),
        Attention = new MultiFrequencyMultiScaleOptions
        {
            Scales = fields.Small("scales") ?? 3,
            Frequencies = fields.Small("frequencies") ?? 16,
            Selection = Selection(fields, problems),
        },
    };

    private static UNetOptions UNetwork(JsonFields fields, List<Problem> problems) => new()
    {
        Encoder = fields.Text("encoder", EncoderNames.ResNet18),
        ChannelAttention = fields.Text("channelAttention", AttentionNames.None),
        SpatialAttention = fields.Text("spatialAttention", AttentionNames.None),
        SubDecoder = fields.Text("subDecoder", SubDecoderNames.Region),
        Frequencies = fields.Small("frequencies") ?? 16,
        Selection = Selection(fields, problems),
    };

    private static MadgNetOptions Unknown(string architecture, List<Problem> problems)
    {
        problems.Add(new Problem(
            "model",
            $"'{architecture}'",
            string.Join(", ", ModelRegistry.BuiltIn.Architectures.Select(entry => entry.Name)),
            "Choose one of them"));
        return new MadgNetOptions();
    }

    private static FrequencySelection Selection(JsonFields fields, List<Problem> problems) =>
        Choice(fields, problems, "selection", "top", ["top", "low", "bottom"]) switch
        {
            "low" => FrequencySelection.Low,
            "bottom" => FrequencySelection.Bottom,
            _ => FrequencySelection.Top,
        };

    private static DeepSupervisionOptions Loss(JsonFields fields, List<Problem> problems, NetworkOptions network)
    {
        string stages = Choice(fields, problems, "supervisedStages", AllStages, [AllStages, LastStage]);
        int count = network is MadgNetOptions options ? options.DecoderChannels.Count : 1;
        return stages == LastStage
            ? new DeepSupervisionOptions { StageWeights = [.. Enumerable.Range(1, count).Select(stage => stage == count ? 1.0 : 0)] }
            : new DeepSupervisionOptions();
    }

    private static IReadOnlyList<SegmentationTransform> Augmentation(string name) => name switch
    {
        "none" => [],
        "strong" => [.. PublishedRecipe.Training().Transforms.Skip(1),
            new RandomAffine { Degrees = 15, Scale = 1.25, ShearDegrees = 5, Shift = 0.1 },
            new ColorJitter { Brightness = 0.2, Contrast = 0.2, Saturation = 0.2, Hue = 0.02 },
            new RandomGamma(1.3)],
        _ => [.. PublishedRecipe.Training().Transforms.Skip(1)],
    };

    private static string Choice(JsonFields fields, List<Problem> problems, string name, string fallback, string[] choices)
    {
        string value = fields.Text(name, fallback);
        if (!choices.Contains(value, StringComparer.Ordinal))
        {
            problems.Add(new Problem(name, $"'{value}'", string.Join(", ", choices), "Choose one of them"));
        }

        return value;
    }
}
