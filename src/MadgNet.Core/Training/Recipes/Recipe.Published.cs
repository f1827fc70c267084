using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Imaging;
using MadgNet.Core.Models;
using MadgNet.Core.Weights;

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
    /// with <see cref="Weights"/> and <see cref="WeightLoadMode.Encoder"/>, or take another with <see cref="WithPretrained"/>. Inverting
    /// bright
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
        Input = reading.Input is { } own ? model.Input.WithFilesOf(own) : model.Input with
        {
            // Grey files are repeated for the three channels of an encoder, by the network.
            Channels = reading.Channels == ImageChannels.Gray ? 1 : model.Input.Channels,
            InvertBrightBackground = reading.InvertBrightBackground,
        },
    };
}
