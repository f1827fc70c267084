using MadgNet.Core.Data;

namespace MadgNet.Reports.Pages;

/// <summary>Finds the sample that a finding speaks of: by its name, or by one of its files.</summary>
internal sealed class SampleLookup
{
    private readonly Dictionary<string, (IDataset Dataset, int Index)> _samples = [];

    public SampleLookup(IReadOnlyList<(string Name, IDataset Dataset)> parts)
    {
        foreach ((string part, IDataset dataset) in parts)
        {
            for (int i = 0; i < dataset.Count; i++)
            {
                string name = dataset.NameOf(i);
                _samples.TryAdd(name, (dataset, i));
                _samples.TryAdd($"{part}/{name}", (dataset, i));
                if (dataset.FilesOf(i) is { } files)
                {
                    _samples.TryAdd(files.Image, (dataset, i));
                    foreach (string mask in files.Masks)
                    {
                        _samples.TryAdd(mask, (dataset, i));
                    }
                }
            }
        }
    }

    /// <summary>The sample; null where there is none, or where it cannot be loaded, which is what the finding says.</summary>
    public Sample? Find(string subject)
    {
        if (!_samples.TryGetValue(subject, out (IDataset Dataset, int Index) found))
        {
            return null;
        }

        try
        {
            return found.Dataset.Load(found.Index);
        }
        catch (MadgNetException)
        {
            // The table of the findings tells of it: a file that cannot be read has no picture.
            return null;
        }
    }
}
