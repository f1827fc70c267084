using MadgNet.Core.Imaging;
using MadgNet.Medical.Imaging;

namespace MadgNet.Medical.Data;

/// <summary>A volume, and what gives the masks of its slices.</summary>
/// <param name="Name">Its name in the dataset.</param>
/// <param name="Stack">Its slices.</param>
/// <param name="Masks">The masks of a slice, one a label.</param>
internal sealed record MaskedVolume(string Name, SliceStack Stack, Func<int, FloatImage[]> Masks);
