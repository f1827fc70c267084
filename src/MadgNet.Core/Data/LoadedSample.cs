using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data;

/// <summary>A sample as a worker leaves it for its batch: transformed, with its targets, or with the reason why not.</summary>
internal sealed class LoadedSample
{
    private LoadedSample(
        int index,
        string name,
        Sample? sample,
        FloatImage[] regions,
        FloatImage[] distances,
        FloatImage[] boundaries,
        DataLoadException? error)
    {
        Index = index;
        Name = name;
        Sample = sample;
        Regions = regions;
        Distances = distances;
        Boundaries = boundaries;
        Error = error;
    }

    public int Index { get; }

    public string Name { get; }

    public Sample? Sample { get; }

    public FloatImage[] Regions { get; }

    public FloatImage[] Distances { get; }

    public FloatImage[] Boundaries { get; }

    public DataLoadException? Error { get; }

    public static LoadedSample Failed(int index, string name, Exception cause) =>
        new(index, name, null, [], [], [], new DataLoadException(
            name, index, $"sample '{name}' (number {index}) cannot be loaded: {cause.Message}", cause));

    public static LoadedSample WithTargets(int index, Sample sample, SupervisionTasks tasks)
    {
        int labels = sample.Masks.Count;
        (int height, int width) = (sample.Image.Height, sample.Image.Width);
        var regions = new FloatImage[labels];
        var distances = new FloatImage[tasks.HasFlag(SupervisionTasks.Distance) ? labels : 0];
        var boundaries = new FloatImage[tasks.HasFlag(SupervisionTasks.Boundary) ? labels : 0];
        for (int label = 0; label < labels; label++)
        {
            regions[label] = sample.BinaryMask(label);
            if (distances.Length > 0)
            {
                distances[label] = FloatImage.Uninitialized(1, height, width);
                SupervisionTargets.Distance(regions[label].Data, height, width, distances[label].Data);
            }

            if (boundaries.Length > 0)
            {
                boundaries[label] = FloatImage.Uninitialized(1, height, width);
                SupervisionTargets.Boundary(regions[label].Data, height, width, boundaries[label].Data);
            }
        }

        return new LoadedSample(index, sample.Name, sample, regions, distances, boundaries, null);
    }
}
