using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Imaging;
using MadgNet.Core.Models;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Weights;
using System.Globalization;

namespace MadgNet.Core.Training.Recipes;

/// <content>Whole recipes.</content>
public sealed partial record Recipe
{
    /// <summary>
    /// The training that the paper describes: 352×352, batches of 16, Adam from 1e-4 to 1e-6 by cosine annealing, flips and
    /// rotations up to 5°, the published loss, intensities over the file's full range; files read, and labels, as the
    /// published loader of the modality's sets does.
    /// </summary>
    /// <param name="modality">The kind of images. It decides channels and labels: grey for ultrasound and CT, bright microscopy inverted,
    /// cup and disc in the fundus.</param>
    /// <returns>The recipe.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such modality.</exception>
    /// <remarks>
    /// The paper trains 50 to 200 epochs, depending on the modality; the authors' code has 200 as its default, and so does
    /// this: <see cref="WithEpochs"/> changes it. The authors start from an encoder that was trained on ImageNet: load one
    /// with <see cref="Weights"/> and <see cref="WeightLoadMode.Encoder"/>; the library ships none. Inverting bright
    /// microscopy, and grey for ultrasound and CT, are part of the network's input: whoever predicts with the file does the same.
    /// </remarks>
    public static Recipe Published(Modality modality)
    {
        PublishedDataset set = First(modality);
        return new Recipe
        {
            Name = $"published, {modality}",
            Modality = modality,
            Model = ReadAs(new MadgNetOptions(), set.Options),
            Dataset = set.Options,
            Augmentation = [.. PublishedRecipe.Training().Transforms.Skip(1)],
            Trainer = new TrainerOptions { Epochs = PublishedEpochs },
        };
    }

    /// <summary>
    /// A training for few images that starts from weights: the encoder is frozen for the first fifth of the run and learns at
    /// a tenth of the rate afterwards, its normalisations keep their statistics, images are varied more, averaged weights and
    /// a threshold are kept.
    /// </summary>
    /// <param name="images">How many images there are to train on; 1 or more. Batches are smaller and epochs more the fewer there are:
    /// about 1,500 steps in all, 20 to 200 epochs.</param>
    /// <param name="modality">The kind of images, which decides channels and labels as in <see cref="Published"/>; null for RGB and one
    /// label.</param>
    /// <returns>The recipe; set <see cref="Weights"/>, or pass a model that has learned before.</returns>
    /// <remarks>
    /// These are this library's choices, not the paper's. They are a start: a learning-rate range test and a look at the curves tell more.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">There is no image, or no such modality.</exception>
    public static Recipe FineTuning(int images, Modality? modality = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(images, 1);
        const int wantedSteps = 1500;
        FolderDatasetOptions reading = modality is { } kind ? First(kind).Options : new FolderDatasetOptions();
        int batch = images switch
        {
            < 16 => 2,
            < 64 => 4,
            _ => 8,
        };
        int epochs = Math.Clamp(wantedSteps / Math.Max(1, images / batch), 20, 200);
        return new Recipe
        {
            Name = string.Create(
                CultureInfo.InvariantCulture, $"fine-tuning on {images} images{(modality is null ? "" : $", {modality}")}"),
            Modality = modality,
            Model = ReadAs(new MadgNetOptions(), reading),
            Dataset = reading,
            Augmentation =
            [
                new HorizontalFlip(),
                new VerticalFlip(),
                new RandomAffine { Degrees = 15, Scale = 1.25, ShearDegrees = 5, Shift = 0.1 },
                new ElasticDeformation(magnitude: 6),
                new ColorJitter { Brightness = 0.2, Contrast = 0.2, Saturation = 0.2, Hue = 0.02 },
                new RandomGamma(1.3),
                new GaussianNoise(0.02),
            ],
            BatchSize = batch,
            Trainer = new TrainerOptions
            {
                Epochs = epochs,
                Optimizer = new AdamWOptions { EncoderRateMultiplier = 0.1 },
                Schedule = new WarmUpSchedule(new CosineAnnealingSchedule(1e-4, 1e-6, ScheduleUnit.Step), Math.Max(1, epochs / 20)),
                Clipping = new GradientClipping { Norm = 5 },
                FrozenEncoderEpochs = epochs / 5,
                FrozenNormalization = FrozenNormalization.Encoder,
                EmaDecay = 0.99,
                CalibrateThreshold = true,
            },
        };
    }

    private static PublishedDataset First(Modality modality) => Enum.IsDefined(modality)
        ? PublishedProtocol.For(modality).Seen[0]
        : throw new ArgumentOutOfRangeException(
            nameof(modality), modality, $"Expected one of {string.Join(", ", Enum.GetNames<Modality>())}. Choose one of them.");

    /// <summary>A published set's own way of reading files, with this recipe's intensities.</summary>
    private FolderDatasetOptions ReadAsHere(FolderDatasetOptions own) => Dataset.Input is not { } input
        ? own with { Window = Dataset.Window }
        : own.For(ReadAs(Model, own).Input with { Scaling = input.Scaling, Windows = input.Windows });

    /// <summary>The network for what the files give: labels and input as they are read.</summary>
    private static NetworkOptions ReadAs(NetworkOptions model, FolderDatasetOptions reading) => model with
    {
        Labels = reading.Labels.Count,
        LabelNames = [.. reading.Labels.Select(label => label.Name)],
        Input = reading.Input is { } own ? (own.ForFiles() == model.Input.ForFiles() ? model.Input : own) : model.Input with
        {
            // Grey files are repeated for the three channels of an encoder, by the network.
            Channels = reading.Channels == ImageChannels.Gray ? 1 : model.Input.Channels,
            InvertBrightBackground = reading.InvertBrightBackground,
        },
    };
}
