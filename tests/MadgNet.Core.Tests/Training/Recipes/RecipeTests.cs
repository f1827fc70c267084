using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inputs;
using MadgNet.Core.Losses;
using MadgNet.Core.Models;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Precision;
using MadgNet.Core.Training.Recipes;
using MadgNet.Core.Training.Reporting;
using MadgNet.Core.Weights;

namespace MadgNet.Core.Tests.Training.Recipes;

public class RecipeTests
{
    public static TheoryData<Modality> Modalities => [.. Enum.GetValues<Modality>()];

    [Theory]
    [MemberData(nameof(Modalities))]
    public void The_published_recipe_is_that_of_the_paper(Modality modality)
    {
        Recipe recipe = Recipe.Published(modality);

        Assert.Empty(recipe.Validate());
        Assert.Equal((352, 16, 200), (recipe.Size, recipe.BatchSize, recipe.Trainer.Epochs));
        Assert.Equal(new AdamOptions(), recipe.Trainer.Optimizer);
        var schedule = Assert.IsType<CosineAnnealingSchedule>(recipe.Trainer.Schedule);
        Assert.Equal((1e-4, 1e-6, ScheduleUnit.Epoch), (schedule.Initial, schedule.Minimum, schedule.Unit));
        Assert.Equal(
            [typeof(HorizontalFlip), typeof(VerticalFlip), typeof(RandomRotation)],
            recipe.Augmentation.Select(transform => transform.GetType()));
        Assert.Equal(5, ((RandomRotation)recipe.Augmentation[2]).Degrees);
        Assert.Equal(StructureLossForm.BatchMean, ((StructureLoss)recipe.Trainer.Loss.Options.Region).Form);
        Assert.Equal(TrainingPrecision.Float32, recipe.Trainer.Precision);
        Assert.Null(recipe.Trainer.EmaDecay);
        Assert.Equal((IntensityScaling.FullRange, null), (recipe.Model.Input.Scaling, recipe.Dataset.Window));
        Assert.Equal(modality == Modality.Fundus ? 2 : 1, recipe.Model.Labels);
        Assert.Equal(
            modality is Modality.Ultrasound or Modality.ComputedTomography ? ImageChannels.Gray : ImageChannels.Rgb,
            recipe.Dataset.Channels);
        Assert.Equal(modality == Modality.Microscopy, recipe.Dataset.InvertBrightBackground);
        Assert.Equal(modality == Modality.Microscopy, recipe.Model.Input.InvertBrightBackground);
    }

    [Fact]
    public void The_fundus_has_a_cup_and_a_disc() =>
        Assert.Equal(["cup", "disc"], Recipe.Published(Modality.Fundus).Model.LabelNames);

    [Theory]
    [InlineData(1, 2, 100)]
    [InlineData(5, 2, 100)]
    [InlineData(40, 4, 50)]
    [InlineData(110, 4, 19)]
    [InlineData(400, 8, 10)]
    [InlineData(100_000, 8, 10)]
    public void Fine_tuning_takes_about_as_many_steps_whatever_the_number_of_images(int images, int batch, int epochs)
    {
        Recipe recipe = Recipe.FineTuning(images);
        Assert.Empty(recipe.Validate());
        Assert.Equal((batch, epochs), (recipe.BatchSize, recipe.Trainer.Epochs));
        Assert.Equal(0, recipe.Trainer.FrozenEncoderEpochs);
        Assert.Equal(FrozenNormalization.Encoder, recipe.Trainer.FrozenNormalization);
        Assert.Equal(0.1, recipe.Trainer.Optimizer.EncoderRateMultiplier);
        Assert.True(recipe.Trainer.CalibrateThreshold);
        Assert.Equal(192, recipe.Size);

        // Where there are few steps, statistics have to follow faster.
        Assert.Equal(epochs * Math.Max(1, images / batch) < 200 ? 0.3 : 0.1, recipe.Model.BatchNormMomentum);
    }

    [Fact]
    public void Fine_tuning_reads_files_as_the_modality_asks()
    {
        Assert.Equal(ImageChannels.Gray, Recipe.FineTuning(10, Modality.Ultrasound).Dataset.Channels);
        Assert.Throws<ArgumentOutOfRangeException>(() => Recipe.FineTuning(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Recipe.Published((Modality)77));
    }

    [Fact]
    public void Changes_keep_network_and_files_consistent()
    {
        Recipe recipe = Recipe.Published(Modality.Microscopy)
            .WithIntensities(IntensityScaling.MinMax)
            .WithLabels(LabelSource.MaskFiles("a", "_a"), LabelSource.MaskFiles("b", "_b"));
        Assert.Empty(recipe.Validate());
        Assert.Equal(IntensityScaling.MinMax, recipe.Dataset.Input?.Scaling);
        Assert.Equal(["a", "b"], recipe.Model.LabelNames);
        Assert.True(recipe.Dataset.Input?.InvertBrightBackground);

        Recipe frozen = Recipe.FineTuning(40) with { Trainer = new TrainerOptions { Epochs = 150, FrozenEncoderEpochs = 30 } };
        Recipe shorter = frozen.WithEpochs(50);
        Assert.Equal((50, 10), (shorter.Trainer.Epochs, shorter.Trainer.FrozenEncoderEpochs));
        Assert.Equal(
            TrainerOptions.Always,
            (Recipe.FineTuning(40) with
            {
                Trainer = new TrainerOptions { FrozenEncoderEpochs = TrainerOptions.Always }
            }).WithEpochs(5).Trainer.FrozenEncoderEpochs);
    }

    [Fact]
    public void What_contradicts_itself_is_refused_with_all_problems()
    {
        Recipe recipe = new()
        {
            Size = 100,
            BatchSize = 0,
            Model = new MadgNetOptions { Labels = 2, Input = new ModelInput { Scaling = IntensityScaling.MinMax } },
            Trainer = new TrainerOptions { Epochs = 0 },
        };
        Assert.Equal(
            ["Size", "BatchSize", "Trainer.Epochs", "labels", "intensities"], recipe.Validate().Select(problem => problem.Subject));
        Assert.NotEmpty((recipe with { Model = null! }).Validate());

        InvalidOptionsException refused = Assert.Throws<InvalidOptionsException>(() => (Recipe.FineTuning(4) with
        {
            Trainer = new TrainerOptions { FrozenEncoderEpochs = 1 },
        }).Train(Discs.Dataset(4)));
        Assert.Equal(["output", "Weights"], refused.Problems.Select(problem => problem.Subject));
    }

    [Fact]
    public void Loaders_resize_augment_and_leave_out_what_does_not_fill_a_batch()
    {
        Recipe recipe = new Recipe
        {
            Augmentation = [new RandomCrop(32, 32)],
            BatchSize = 4,
            Seed = 9,
            Loading = new BatchLoaderOptions { Workers = 0, Transform = new MinMaxIntensity() }
        }.WithSize(64);
        BatchLoader training = recipe.CreateTrainingLoader(Discs.Dataset(7));
        BatchLoader validation = recipe.CreateValidationLoader(Discs.Dataset(3));

        Assert.Equal(
            (4, true, true, 9L), (training.Options.BatchSize, training.Options.Shuffle, training.Options.DropLast, training.Options.Seed));
        Assert.Equal(
            [typeof(MinMaxIntensity), typeof(Resize), typeof(RandomCrop)],
            ((Compose)training.Options.Transform!).Transforms.Select(transform => transform.GetType()));
        Assert.Equal((false, false), (validation.Options.Shuffle, validation.Options.DropLast));
        using Batch first = training.Epoch(0, TestContext.Current.CancellationToken).First();
        using Batch seen = validation.Epoch(0, TestContext.Current.CancellationToken).First();
        Assert.Equal([4, 3, 32, 32], first.Images.shape);
        Assert.Equal([3, 3, 64, 64], seen.Images.shape);
        Assert.Equal(["disc0", "disc1", "disc2"], seen.Names);
        Assert.False(recipe.CreateTrainingLoader(Discs.Dataset(3)).Options.DropLast);
    }

    [Fact]
    public void The_network_starts_from_the_weights_of_the_recipe_and_knows_the_size_of_training()
    {
        Recipe recipe = new Recipe { Model = new UNetOptions { Encoder = EncoderNames.ResNet18 } }.WithSize(64);
        using (SegmentationModel model = recipe.BuildModel())
        {
            Assert.Equal((UNet.ArchitectureName, new ImageSize(64, 64)), (model.Architecture, model.Input.Size));
        }

        Assert.Throws<WeightFileException>(() => (recipe with
        {
            Weights = "/no/such/file.pth",
            WeightMode = WeightLoadMode.Encoder
        }).BuildModel());
    }

    [Fact]
    public void A_recipe_trains_a_model_and_leaves_a_folder_that_tells_of_it()
    {
        using var folder = new TemporaryFolder();
        Recipe recipe = new Recipe
        {
            Name = "discs",
            Augmentation = [new HorizontalFlip()],
            BatchSize = 4,
            Seed = 3,
            Loading = new BatchLoaderOptions { Workers = 0 },
            Trainer = new TrainerOptions { Epochs = 3, Schedule = new ConstantSchedule(1e-2), CalibrateThreshold = true },
        }.WithSize(32).WithOutput(folder.Root);
        using MadgNetModel model = TinyModel.Create();
        TrainingResult result = recipe.TrainModel(
            model, Discs.Dataset(8), Discs.Dataset(4, seed: 2), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(3, result.History.Count);
        Assert.Equal(4, File.ReadAllLines(folder.File("epochs.csv")).Length);
        Assert.Equal(7, File.ReadAllLines(folder.File("steps.csv")).Length);
        RunManifest manifest = RunManifest.Load(folder.Root);
        Assert.Equal(("discs", 3L, 3L), (manifest.Notes["recipe"], manifest.Seed, manifest.WeightSeed));
        Assert.Equal((result.BestEpoch, result.Best.Validation), (manifest.BestEpoch, manifest.BestScore));
        Assert.Equal(
            (TrainingEndReason.Completed, 6L, 3),
            (manifest.Sessions[0].Reason, manifest.Sessions[0].StepsAfter, manifest.Sessions[0].EpochsAfter));
        string card = File.ReadAllText(folder.File("MODEL.md"));
        Assert.Contains("kept with the weights; predictors take it", card);
        Assert.Contains("| Dice | 0.", card);
    }
}
