using System.Globalization;
using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Models;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Weights;

namespace MadgNet.Core.Training.Recipes;

/// <content>Trainings that start from weights.</content>
public sealed partial record Recipe
{
    private const int FineTuningSize = 192;
    private const int FineTuningSteps = 500;
    private const int WarmUpSteps = 20;
    private const double FineTuningRate = 1e-3;

    /// <summary>
    /// A training for few images that starts from weights and takes some minutes on a processor. The encoder learns at a tenth of the
    /// rate, and its normalisations keep their statistics. Augmentation is stronger. A calibrated threshold is saved.
    /// </summary>
    /// <param name="images">The number of training images; 1 or more. Fewer images give smaller batches and more epochs: about 500
    /// steps in all, 10 to 100 epochs.</param>
    /// <param name="modality">The kind of images, which decides channels and labels as in <see cref="Published"/>; null for RGB and one
    /// label.</param>
    /// <returns>The recipe, at 192×192; set <see cref="Weights"/> or call <see cref="WithPretrained"/>, or pass a model that has learned
    /// before.</returns>
    /// <remarks>
    /// <para>These are the library's choices, not the paper's. <c>docs/guides/pretrained.md</c> tells which scores they reach.</para>
    /// <para>The encoder's statistics come from many more images than a batch of four, so they stay. The decoder's statistics follow
    /// the batches, and faster when there are few steps.</para>
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">There is no image, or no such modality.</exception>
    public static Recipe FineTuning(int images, Modality? modality = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(images, 1);
        const int fewSteps = 200;
        const double quickMomentum = 0.3;
        FolderDatasetOptions reading = modality is { } kind ? First(kind).Options : new FolderDatasetOptions();
        int batch = images switch
        {
            < 16 => 2,
            < 400 => 4,
            _ => 8,
        };
        int stepsAnEpoch = Math.Max(1, images / batch);
        int epochs = Math.Clamp((FineTuningSteps + stepsAnEpoch - 1) / stepsAnEpoch, 10, 100);
        NetworkOptions network = ReadAs(new MadgNetOptions(), reading);
        return new Recipe
        {
            Name = string.Create(
                CultureInfo.InvariantCulture, $"fine-tuning on {images} images{(modality is null ? "" : $", {modality}")}"),
            Modality = modality,
            Model = stepsAnEpoch * epochs < fewSteps ? network with { BatchNormMomentum = quickMomentum } : network,
            Dataset = reading,
            Size = FineTuningSize,
            Augmentation =
            [
                new HorizontalFlip(),
                new VerticalFlip(),
                new RandomAffine { Degrees = 15, Scale = 1.25, ShearDegrees = 5, Shift = 0.1 },
                new ColorJitter { Brightness = 0.2, Contrast = 0.2, Saturation = 0.2, Hue = 0.02 },
                new RandomGamma(1.3),
            ],
            BatchSize = batch,
            Trainer = new TrainerOptions
            {
                Epochs = epochs,
                Optimizer = new AdamWOptions { EncoderRateMultiplier = 0.1 },
                Schedule = new WarmUpSchedule(
                    new CosineAnnealingSchedule(FineTuningRate, FineTuningRate / 100, ScheduleUnit.Step), WarmUpSteps, ScheduleUnit.Step),
                Clipping = new GradientClipping { Norm = 5 },
                FrozenNormalization = FrozenNormalization.Encoder,
                CalibrateThreshold = true,
            },
        };
    }

    /// <summary>
    /// <see cref="FineTuning"/> of a U-Net with an encoder that has learned before. Of the library's networks it reaches the best
    /// scores within minutes on a processor.
    /// </summary>
    /// <param name="pretrained">The encoder, for example <c>ResNet18Weights.ImageNet</c> of the package
    /// MadgNet.Pretrained.ResNet18.</param>
    /// <param name="images">How many images there are to train on; 1 or more.</param>
    /// <param name="modality">The kind of images, which decides channels and labels as in <see cref="Published"/>; null for RGB and one
    /// label.</param>
    /// <returns>The recipe; for MADGNet on the encoder call <see cref="WithPretrained"/> on <see cref="FineTuning"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no image, or no such modality.</exception>
    /// <exception cref="InvalidOptionsException">The weight file is missing or has the wrong form; lists all problems.</exception>
    public static Recipe FromPretrained(PretrainedEncoder pretrained, int images, Modality? modality = null)
    {
        Recipe recipe = FineTuning(images, modality);
        return recipe
            .WithNetwork(new UNetOptions { BatchNormMomentum = recipe.Model.BatchNormMomentum })
            .WithPretrained(pretrained);
    }

    /// <summary>
    /// The recipe with an encoder that has learned before. It sets the encoder, the way it takes images, and its weights together. The
    /// kind of network stays.
    /// </summary>
    /// <param name="pretrained">The encoder.</param>
    /// <returns>The changed recipe.</returns>
    /// <exception cref="InvalidOptionsException">The weights are not where they should be, or the network is of a kind that names no
    /// encoder.</exception>
    public Recipe WithPretrained(PretrainedEncoder pretrained)
    {
        ArgumentNullException.ThrowIfNull(pretrained);
        InvalidOptionsException.ThrowIfAny(nameof(PretrainedEncoder), pretrained.Validate());
        return this with
        {
            Model = pretrained.ApplyTo(Model),
            Weights = pretrained.Weights,
            WeightMode = WeightLoadMode.Encoder,
        };
    }
}
