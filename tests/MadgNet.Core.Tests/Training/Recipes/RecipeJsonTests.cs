using System.Text.Json.Nodes;
using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Foundation;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inputs;
using MadgNet.Core.Losses;
using MadgNet.Core.Metrics;
using MadgNet.Core.Models;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Recipes;
using MadgNet.Core.Weights;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Training.Recipes;

public class RecipeJsonTests
{
    public static TheoryData<string, Recipe> Recipes => new()
    {
        { "plain", new Recipe() },
        { "published", Recipe.Published(Modality.Microscopy).WithIntensities(IntensityScaling.MinMax) },
        { "fundus", Recipe.Published(Modality.Fundus) },
        { "fine-tuning", Recipe.FineTuning(40, Modality.Ultrasound).WithWeights("a.pth", WeightLoadMode.Encoder, "module.") },
        { "every transform", new Recipe { Size = null }.WithAugmentation(
            new Compose(new Resize(64, 96), new Letterbox(64, 96)) { Probability = 0.5 },
            new ElasticDeformation(3, 20),
            new GaussianBlur(1.5),
            new MinMaxIntensity(),
            Normalize.ImageNet,
            new RandomAffine { Degrees = 3, Scale = 1.5, Shift = 0.2 },
            new RandomCrop(32, 64),
            new RandomResizedCrop(32, 64, 0.25, 2),
            new RandomRightAngle { Probability = 0.25 },
            new RandomRotation(7)) },
        { "every loss", new Recipe().WithLoss(new DeepSupervisionOptions
        {
            Region = new WeightedSumLoss(
                (0.5, new DiceLoss(2)),
                (0.25, new FocalTverskyLoss(1.5, 0.4, 0.6, 3)),
                (2, new ClDiceLoss(0.25, 3)),
                (1, new FocalLoss(1, 0.5)),
                (1, new LogCoshDiceLoss(4)),
                (1, new JaccardLoss(5)),
                (1, new HausdorffDistanceLoss(1)),
                (1, new LovaszHingeLoss()),
                (1, new MatthewsCorrelationLoss()),
                (1, new TverskyLoss(0.2, 0.8, 2))) { LabelWeights = [0.5] },
            Boundary = new SignedDistanceBoundaryLoss(),
            DistanceWeight = 0,
            StageWeights = [1, 0.5, 0.5, 0.25],
        }) },
        { "schedules", new Recipe().WithTrainer(trainer => trainer with
        {
            Optimizer = new SgdOptions { Momentum = 0.8, WeightDecay = 1e-4 },
            Schedule = new WarmUpSchedule(new MultiStepSchedule(1e-3, [10, 20], 0.5, ScheduleUnit.Step), 5, ScheduleUnit.Step, 0.1),
            Clipping = new GradientClipping { Norm = 1 },
            Monitor = Metric.MeanAbsoluteError,
            EarlyStopping = new EarlyStopping { Patience = 3 },
            Checkpoints = new() { Every = TimeSpan.FromSeconds(90), EverySteps = 7 },
            EmaDecay = 0.9,
        }) },
        { "plateau", new Recipe().WithTrainer(trainer => trainer with
        {
            Optimizer = new AdamWOptions(), Schedule = new ReduceOnPlateauSchedule(1e-3, 0.3, 2, 0.01, 1, 1e-6, false)
        }) },
        { "several files", new Recipe { Model = new UNetOptions { DecoderChannels = [64, 32, 16, 8] } }.WithInput(input => input with
        {
            Channels = 4,
            Files = ["_a", "_b", "_c", "_d"],
            Windows = [null, new InputWindow(40, 400), null, new InputWindow(-600, 1500)],
            Fit = ImageFit.Letterbox,
            Mean = [0.1, 0.2, 0.3, 0.4],
        }).WithSize(64, 96) },
        { "labels and windows", (new Recipe() with
        {
            Dataset = new FolderDatasetOptions { Window = IntensityWindow.Percentiles(1, 99.5), Channels = ImageChannels.Gray }
        }).WithLabels(
            LabelSource.Colors("red", 0xFF0000),
            LabelSource.Indices("cup", 2, 3),
            LabelSource.MaskFiles("disc", "_disc") with { Reading = MaskReading.Soft }) },
    };

    [Theory]
    [MemberData(nameof(Recipes))]
    public void Every_recipe_is_the_same_after_its_way_through_JSON(string name, Recipe recipe)
    {
        Assert.NotEmpty(name);
        string json = recipe.ToJson();

        Recipe again = Recipe.FromJson(json);

        Assert.Equal(json, again.ToJson());
        Assert.Equal(recipe.Model, again.Model);
        Assert.Equal(Texts(recipe), Texts(again));
    }

    [Fact]
    public void What_JSON_leaves_out_has_its_default()
    {
        Recipe recipe = Recipe.FromJson("""{ "trainer": { "epochs": 3 }, "model": { "type": "unet", "encoder": "resnet18" } }""");

        Assert.Equal((3, 352, 16), (recipe.Trainer.Epochs, recipe.Size, recipe.BatchSize));
        Assert.Equal(new UNetOptions { Encoder = "resnet18" }, recipe.Model);
        Assert.Null(recipe.Trainer.OutputFolder);
    }

    [Fact]
    public void Everything_that_is_wrong_is_a_finding_with_its_path()
    {
        InvalidOptionsException refused = Assert.Throws<InvalidOptionsException>(() => Recipe.FromJson("""
            {
              "version": 1,
              "batchSise": 4,
              "size": "large",
              "seed": 1.5,
              "augmentation": [
                { "type": "horizontalFlip" }, { "type": "horizontalFilp" }, { "type": "randomCrop", "height": 0, "width": 8 }
              ],
              "model": { "type": "madgnet", "labels": true, "attention": { "scale": 3 } },
              "dataset": { "labels": [ { "name": "a", "markers": ["_a"], "values": [1] } ], "channels": "Grey" },
              "loading": { "batchSize": 3, "workers": 1, "workers": 2 },
              "trainer": {
                "epochs": 3000000000,
                "monitor": "Dise",
                "checkpoints": { "every": "5 minutes" },
                "loss": { "region": { "dice": 1 } },
                "schedule": { "type": "multiStep", "initial": 0.1 }
              }
            }
            """));

        Assert.Equal(
            [
                "$.batchSise", "$.size", "$.seed", "$.augmentation[1].type", "$.augmentation[2]", "$.model.labels",
                "$.model.attention.scale",
                "$.dataset.labels[0]", "$.dataset.channels", "$.loading.batchSize", "$.loading.workers", "$.trainer.epochs",
                "$.trainer.monitor", "$.trainer.checkpoints.every", "$.trainer.loss.region.type", "$.trainer.schedule.milestones",
            ],
            refused.Problems.Select(problem => problem.Subject));
        Assert.Contains("Did you mean 'batchSize'?", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'horizontalFlip'?", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "trainer": { "epochs": 0 }, "batchSize": 0 }""", "$.batchSize", "$.trainer.epochs")]
    [InlineData("""{ "version": 7, "whatever": 1 }""", "$.version")]
    [InlineData("""{ "output": 3 }""", "$.output")]
    [InlineData("[]", "$")]
    [InlineData("{ 'a': 1 }", "JSON")]
    [InlineData("""{ "model": { "type": "madgnet", "encoder": "small" } }""", "$.model.encoder")]
    [InlineData("""{ "model": null }""", "$.model")]
    public void A_recipe_that_cannot_be_is_refused_by_paths(string json, params string[] paths) => Assert.Equal(
        paths, Assert.Throws<InvalidOptionsException>(() => Recipe.FromJson(json)).Problems.Select(problem => problem.Subject));

    [Fact]
    public async Task Files_are_written_and_read_with_and_without_waiting()
    {
        using var folder = new TemporaryFolder();
        CancellationToken token = TestContext.Current.CancellationToken;
        Recipe recipe = new Recipe { Name = "größer" }.WithOutput(folder.File("run"));
        recipe.Save(folder.File("one.json"));
        await recipe.SaveAsync(folder.File("two.json"), cancellationToken: token);

        Assert.Equal(
            await File.ReadAllTextAsync(folder.File("one.json"), token), await File.ReadAllTextAsync(folder.File("two.json"), token));
        Recipe again = await Recipe.LoadAsync(folder.File("two.json"), cancellationToken: token);
        Assert.Equal(("größer", folder.File("run"), 2), (again.Name, again.Trainer.OutputFolder, again.Trainer.Observers.Count));
        Assert.Equal(again.ToJson(), Recipe.Load(folder.File("one.json")).ToJson());
        Assert.Throws<InvalidOptionsException>(() => Recipe.Load(folder.File("three.json")));
        await Assert.ThrowsAsync<InvalidOptionsException>(() => Recipe.LoadAsync(folder.File("three.json"), cancellationToken: token));
    }

    [Fact]
    public void Networks_and_parts_of_the_host_have_names_in_JSON()
    {
        RecipeParts parts = RecipeParts.BuiltIn.With<Brighter>("brighter").WithMetric(Nothing);
        Recipe recipe = new Recipe
        {
            Model = new RegisteredNetworkOptions(HostNetwork.Name) { Options = """{"width":3}""", Labels = 2 },
            Registry = HostNetwork.Registry,
        }.WithAugmentation(new Brighter(0.25) { Probability = 0.5 }).WithLabels(LabelSource.Indices("a", 1), LabelSource.Indices("b", 2))
            .WithTrainer(trainer => trainer with { Monitor = Nothing });
        Assert.Equal(
            ["$.augmentation[0]", "$.trainer.monitor"],
            Assert.Throws<InvalidOptionsException>(recipe.ToJson).Problems.Select(problem => problem.Subject));

        Recipe again = Recipe.FromJson(recipe.ToJson(parts), HostNetwork.Registry, parts);

        Assert.Equal(recipe.ToJson(parts), again.ToJson(parts));
        Assert.Equal(0.25, Assert.IsType<Brighter>(Assert.Single(again.Augmentation)).Gain);
        Assert.Equal("""{"width":3}""", JsonNode.Parse(again.Model.ToJson())!.ToJsonString());
        using SegmentationModel model = again.BuildModel();
        Assert.Equal((HostNetwork.Name, 2), (model.Architecture, model.Labels));
        Assert.Contains(
            "host-net",
            Assert.Throws<InvalidOptionsException>(() => Recipe.FromJson(recipe.ToJson(parts), parts: parts)).Message,
            StringComparison.Ordinal);
        Assert.Throws<InvalidOptionsException>(() => RecipeParts.BuiltIn.With<string>("text"));
    }

    [Fact]
    public async Task An_encoder_of_the_hosts_trains_from_JSON_as_from_code()
    {
        Recipe FromFile(string folder) => Recipe.FromJson(
            $$"""
            {
              "model": {
                "type": "unet", "encoder": "{{HostEncoder.Name}}", "channelAttention": "{{HostAttention.Name}}", "decoderChannels": [8, 4]
              },
              "size": 32, "batchSize": 4, "seed": 5,
              "loading": { "workers": 0 },
              "trainer": { "epochs": 2, "schedule": { "type": "constant", "rate": 0.01 } },
              "output": "{{folder}}"
            }
            """,
            HostNetwork.Registry);
        using var folder = new TemporaryFolder();
        CancellationToken token = TestContext.Current.CancellationToken;
        TrainingResult fromFile = await FromFile(folder.File("file").Replace("\\", "/", StringComparison.Ordinal))
            .TrainAsync(Discs.Dataset(8), Discs.Dataset(4, seed: 2), cancellationToken: token);
        TrainingResult fromCode = new Recipe
        {
            Model = new UNetOptions { Encoder = HostEncoder.Name, ChannelAttention = HostAttention.Name, DecoderChannels = [8, 4] },
            Registry = HostNetwork.Registry,
            Size = 32,
            BatchSize = 4,
            Seed = 5,
            Loading = new BatchLoaderOptions { Workers = 0 },
        }.WithTrainer(trainer => trainer with { Epochs = 2, Schedule = new ConstantSchedule(0.01) })
            .WithOutput(folder.File("code")).Train(Discs.Dataset(8), Discs.Dataset(4, seed: 2), cancellationToken: token);

        Assert.Equal(fromCode.History.Select(epoch => epoch.Loss), fromFile.History.Select(epoch => epoch.Loss));
        Assert.True(File.Exists(folder.File("file/epochs.csv")));
    }

    private static Metric Nothing { get; } = new NothingMetric();

    private static SortedDictionary<string, string> Texts(Recipe recipe)
    {
        var texts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, object? value) in recipe.Trainer.Essentials())
        {
            Description.Add(texts, name, value);
        }

        Description.Add(texts, nameof(recipe.Augmentation), recipe.Augmentation);
        Description.Add(texts, nameof(recipe.Dataset), recipe.Dataset);
        return texts;
    }

    private sealed class Brighter(double gain) : SegmentationTransform
    {
        public double Gain { get; } = gain;

        protected override Sample Transform(Sample sample, Random random) => sample;
    }

    private sealed class NothingMetric() : CustomMetric("Nothing")
    {
        public override double Compute(in MetricInput maps) => 0;
    }
}
