using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inputs;

namespace MadgNet.Studies.Data;

/// <summary>
/// A dataset of which a network sees some channels alone. The number of channels stays, and with it the network: what is left out is
/// replaced by what is kept, in turn.
/// </summary>
internal sealed class ChannelChoice(IDataset dataset, IReadOnlyList<int> channels) : IDataset, IDescribed
{
    public int Count => dataset.Count;

    public IReadOnlyList<string> Labels => dataset.Labels;

    public IReadOnlyList<Finding> Findings => dataset.Findings;

    public Problem? Contradicts(ModelInput input) => dataset.Contradicts(input);

    public string NameOf(int index) => dataset.NameOf(index);

    public SampleFiles? FilesOf(int index) => dataset.FilesOf(index);

    public IEnumerable<(string Name, object? Value)> Describe() =>
        [("Channels", string.Join(", ", channels)), ("Dataset", dataset)];

    /// <exception cref="DatasetException">An image lacks one of the channels.</exception>
    public Sample Load(int index)
    {
        Sample sample = dataset.Load(index);
        FloatImage image = sample.Image;
        if (channels.Max() >= image.Channels)
        {
            throw new DatasetException(new Problem(
                sample.Name,
                $"an image of {image.Channels} channels",
                $"channel {channels.Max()} (from 0)",
                "Choose channels that the images have, in 'channels' of the study"));
        }

        var chosen = new FloatImage(image.Channels, image.Height, image.Width);
        for (int channel = 0; channel < image.Channels; channel++)
        {
            int source = channels.Contains(channel) ? channel : channels[channel % channels.Count];
            image.Plane(source).CopyTo(chosen.Plane(channel));
        }

        return sample.With(chosen, sample.Masks);
    }
}
