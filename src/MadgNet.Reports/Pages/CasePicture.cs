using MadgNet.Core.Imaging;

namespace MadgNet.Reports.Pages;

/// <summary>A case as a picture of its page: the image with truth and prediction over it.</summary>
/// <param name="CaseName">The case's name.</param>
/// <param name="Place">Why it is shown: <c>best</c>, <c>median</c> or <c>worst</c>.</param>
/// <param name="Picture">The picture.</param>
/// <param name="Caption">What it shows, in a sentence.</param>
public sealed record CasePicture(string CaseName, string Place, PixelImage Picture, string Caption);
